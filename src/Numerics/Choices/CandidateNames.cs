using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Choices;

/// <summary>What the candidates of a choice are called.</summary>
public static class CandidateNames
{
    /// <summary>The source network as it is: choosing it is to abstain.</summary>
    public const string None = "none";

    /// <summary>A constant on top, normal with the fleet's variance.</summary>
    public const string Shift = "shift";

    /// <summary>The last layer moves.</summary>
    public const string LastLayer = "last-layer";

    /// <summary>Every block moves.</summary>
    public const string Full = "full";

    /// <summary>A smooth function of the inputs on top, which knows nothing of the network's features.</summary>
    public const string Residual = "residual";

    /// <summary>All of them.</summary>
    public static ImmutableArray<string> All { get; } = [None, Shift, LastLayer, Full, Residual];
}
