using System.Collections.Immutable;
using AdaptCluster.Grains.Solves;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>How far a fit has come; its order is a record of its own, which is written once.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PriorFitState")]
internal sealed record PriorFitState
{
    /// <summary>Times that it was taken up since something new was computed, and did not end. Counted before the attempt.</summary>
    [Id(0)]
    public int Attempts { get; init; }

    /// <summary>The content hashes of what the parts have answered so far, in order: the optimiser's state is a function of them.</summary>
    [Id(1)]
    public ImmutableArray<string> Answers { get; init; } = [];

    /// <summary>Where the parts are; empty before they were placed.</summary>
    [Id(2)]
    public ImmutableArray<ShardPlacement> Placements { get; init; } = [];
}
