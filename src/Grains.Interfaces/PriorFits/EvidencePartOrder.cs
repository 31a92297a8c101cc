using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.PriorFits;

/// <summary>What a part of a fit is to be.</summary>
[GenerateSerializer, Immutable, Alias("adapt.EvidencePartOrder")]
public sealed record EvidencePartOrder
{
    /// <summary>The content hash of the source's model.</summary>
    [Id(0)]
    public required string ModelHash { get; init; }

    /// <summary>Its rows, with the tasks that they belong to.</summary>
    [Id(1)]
    public required StagedDataset Data { get; init; }

    /// <summary>The rows of the first chunk that belong to tasks before its first.</summary>
    [Id(2)]
    public required int SkippedRows { get; init; }

    /// <summary>The place of its first task in the fleet.</summary>
    [Id(3)]
    public required int FirstTask { get; init; }

    /// <summary>The most rows of one task that enter the evidence.</summary>
    [Id(4)]
    public required int MaxRowsPerTask { get; init; }

    /// <summary>Seeds the samples of rows.</summary>
    [Id(5)]
    public required int Seed { get; init; }

    /// <summary>Whether every output is adapted on its own.</summary>
    [Id(6)]
    public required bool IndependentOutputs { get; init; }

    /// <summary>The memory that it may take for what does not depend on the prior, if its silo has that.</summary>
    [Id(7)]
    public required long CacheBytes { get; init; }

    /// <summary>The most bytes of one message.</summary>
    [Id(8)]
    public required int PartBytes { get; init; }

    /// <summary>How long to wait for the end of the loading before saying that it goes on.</summary>
    [Id(9)]
    public required TimeSpan Patience { get; init; }
}
