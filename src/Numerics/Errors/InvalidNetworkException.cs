namespace AdaptCluster.Numerics.Errors;

/// <summary>A network that cannot be: an attribute, a shape or a name does not fit.</summary>
public sealed class InvalidNetworkException : NumericsException
{
    /// <summary>Says what is wrong with a node.</summary>
    /// <param name="node">The node's name; null for the network as a whole.</param>
    /// <param name="problem">What is wrong, a clause without a full stop.</param>
    public InvalidNetworkException(string? node, string problem)
        : base($"{(node is null ? "The network" : $"Node '{node}'")}: {problem}.")
    {
        Node = node;
        Problem = problem;
    }

    /// <summary>The node's name; null for the network as a whole.</summary>
    public string? Node { get; }

    /// <summary>What is wrong.</summary>
    public string Problem { get; }
}
