using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Sources;

/// <summary>What is durable of a source task.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SourceTaskState")]
internal sealed record SourceTaskState
{
    /// <summary>The source as registered, with its current prior.</summary>
    [Id(0)]
    public required SourceDescription Description { get; init; }

    /// <summary>
    /// The mean squared error on held-out rows in standardised units, where the network was trained here: the noise of
    /// the source's own predictions while no fleet has been seen.
    /// </summary>
    [Id(1)]
    public double? ValidationVariance { get; init; }
}
