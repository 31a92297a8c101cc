namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>How many prior scales are learned.</summary>
public enum FleetScales
{
    /// <summary>One per parameter block (the default): says how far each layer's weights and biases move.</summary>
    Block,

#pragma warning disable CA1720 // "single" is the word of the command line for one scale, not the type
    /// <summary>One for all parameters: for very few tasks.</summary>
    Single,
#pragma warning restore CA1720
}
