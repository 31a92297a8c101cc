namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>How many prior scales are learned.</summary>
public enum FleetScales
{
    /// <summary>One per parameter block (the default): says how far each layer's weights and biases move.</summary>
    Block,

    /// <summary>One for all parameters: for very few tasks.</summary>
    Single,
}
