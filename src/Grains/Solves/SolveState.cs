using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>What is durable of a solve while it runs; nothing is kept of one that has ended.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SolveState")]
internal sealed record SolveState
{
    /// <summary>What is computed.</summary>
    [Id(0)]
    public required SolveOrder Order { get; init; }

    /// <summary>Counts the times that it was taken up; the first is 1.</summary>
    [Id(1)]
    public long Session { get; init; }

    /// <summary>Times that it was taken up since there was a new checkpoint, and did not end. Counted before the attempt.</summary>
    [Id(2)]
    public int Attempts { get; init; }

    /// <summary>The content hash of the last checkpoint.</summary>
    [Id(3)]
    public string? Checkpoint { get; init; }

    /// <summary>Where the shards are; empty before they were placed.</summary>
    [Id(4)]
    public ImmutableArray<ShardPlacement> Placements { get; init; } = [];
}
