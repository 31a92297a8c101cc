using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>A registered source task.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SourceDescription")]
public sealed record SourceDescription
{
    /// <summary>Its name within the tenant.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The input columns.</summary>
    [Id(1)]
    public required InputSchema Schema { get; init; }

    /// <summary>The names of the target columns, one per network output.</summary>
    [Id(2)]
    public required ImmutableArray<string> Targets { get; init; }

    /// <summary>The network.</summary>
    [Id(3)]
    public required NetworkDescription Network { get; init; }

    /// <summary>How many parameters are adapted.</summary>
    [Id(4)]
    public required int Parameters { get; init; }

    /// <summary>The content hash of weights, architecture and standardisation.</summary>
    [Id(5)]
    public required string ModelHash { get; init; }

    /// <summary>When it was registered.</summary>
    [Id(6)]
    public required DateTimeOffset Registered { get; init; }

    /// <summary>How it was trained, where that was here.</summary>
    [Id(7)]
    public TrainingSummary? Training { get; init; }

    /// <summary>Its current prior, once it has one.</summary>
    [Id(8)]
    public PriorDescription? Prior { get; init; }

    /// <summary>Whether the columns are counted and not named: any file whose columns add up will do.</summary>
    [Id(9)]
    public bool IsPositional { get; init; }

    /// <summary>How many parameters the network has that are not adapted.</summary>
    [Id(10)]
    public long FrozenParameters { get; init; }

    /// <summary>The names of the parameter tensors that are adapted; empty where a store of an earlier version does not say.</summary>
    [Id(11)]
    public ImmutableArray<string> AdaptedBlocks { get; init; } = [];

    /// <summary>
    /// Per number of a row the entries of the embedding that it is an index of, so a whole number from 0 to that less 1; 0 for other
    /// numbers. Empty where the network has no embedding.
    /// </summary>
    [Id(12)]
    public ImmutableArray<int> IndexBounds { get; init; } = [];

    /// <summary>The content hash of some rows that it has learned from, which tasks are compared with; null where none are known.</summary>
    [Id(13)]
    public string? ReferenceHash { get; init; }
}
