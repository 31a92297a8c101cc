namespace AdaptCluster.Numerics.Priors;

/// <summary>Whether the outputs of one task are learned together.</summary>
public enum OutputCoupling
{
    /// <summary>One change of the parameters for all outputs: what one output's observations say moves the others too. Exact; (n c)^3 flops.</summary>
    Full,

    /// <summary>
    /// A change of the parameters of its own for every output, on the features that the network's outputs share: c n^3 flops. For many outputs;
    /// another model, not an approximation of the first one's posterior: outputs do not inform each other.
    /// </summary>
    Independent,
}
