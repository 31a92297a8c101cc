using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>One iterative solve of one task, whole: whoever has the order and the tensor store can compute it.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SolveOrder")]
public sealed record SolveOrder
{
    /// <summary>Tells this solve from every other.</summary>
    [Id(0)]
    public required Guid Solve { get; init; }

    /// <summary>The task, as its key is written.</summary>
    [Id(1)]
    public required string Task { get; init; }

    /// <summary>The version of the posterior that it will be.</summary>
    [Id(2)]
    public required int Version { get; init; }

    /// <summary>The prior, whole, without the statistics of its fit.</summary>
    [Id(3)]
    public required PriorDescription Prior { get; init; }

    /// <summary>The content hash of the source model.</summary>
    [Id(4)]
    public required string ModelHash { get; init; }

    /// <summary>The plan.</summary>
    [Id(5)]
    public required SolvePlanDescription Plan { get; init; }

    /// <summary>The rows, in order.</summary>
    [Id(6)]
    public required ImmutableArray<RowBlock> Blocks { get; init; }
}
