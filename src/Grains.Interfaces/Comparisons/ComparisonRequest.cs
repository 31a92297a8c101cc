using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Grains.Interfaces.Comparisons;

/// <summary>What is compared. Either a source is named, or a network is trained on the training tasks of every split.</summary>
[GenerateSerializer, Immutable, Alias("adapt.ComparisonRequest")]
public sealed record ComparisonRequest
{
    /// <summary>The rows by task, encoded by the source's schema or by that of <see cref="Training"/>, in the data's own units.</summary>
    [Id(0)]
    public required StagedDataset Data { get; init; }

    /// <summary>The source whose network is used as it is; null where one is trained.</summary>
    [Id(1)]
    public string? Source { get; init; }

    /// <summary>How a network is trained on the training tasks of every split; null where a source is named.</summary>
    [Id(2)]
    public ComparisonTraining? Training { get; init; }

    /// <summary>The names of the methods; empty: all.</summary>
    [Id(3)]
    public ImmutableArray<string> Methods { get; init; } = [];

    /// <summary>How many rows of a test task are seen, ascending.</summary>
    [Id(4)]
    public required ImmutableArray<int> Points { get; init; }

    /// <summary>The share of the tasks that are learned from, between 0 and 1. Default 0.5.</summary>
    [Id(5)]
    public double TrainShare { get; init; } = 0.5;

    /// <summary>How many random splits. Default 1.</summary>
    [Id(6)]
    public int Splits { get; init; } = 1;

    /// <summary>Seeds splits, rows and methods. Default 0.</summary>
    [Id(7)]
    public int Seed { get; init; }

    /// <summary>The fewest rows of a task that are scored. Default 5.</summary>
    [Id(8)]
    public int MinTestRows { get; init; } = 5;

    /// <summary>The most rows of a task that are scored. Default 1,000.</summary>
    [Id(9)]
    public int MaxTestRows { get; init; } = 1000;

    /// <summary>A training task with more rows is cut into tasks of this size. Default 50.</summary>
    [Id(10)]
    public int RowsPerTask { get; init; } = 50;

    /// <summary>How many directions this library's own methods learn beside the scales; null for what held-out training tasks decide. Default 0: none.</summary>
    [Id(11)]
    public int? Rank { get; init; } = 0;
}
