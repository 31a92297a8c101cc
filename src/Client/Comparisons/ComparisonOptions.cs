using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Client.Comparisons;

/// <summary>What is compared. Either <see cref="Source"/> is named, or <see cref="Training"/>, <see cref="Schema"/> and <see cref="Targets"/> are.</summary>
public sealed class ComparisonOptions
{
    /// <summary>The source whose network is used as it is: honest where it has not seen the tasks. Default: none.</summary>
    public string? Source { get; init; }

    /// <summary>How a network is trained on the training tasks of every split; its seed is <see cref="Seed"/>. Default: none.</summary>
    public TrainingOptions? Training { get; init; }

    /// <summary>How the rows were encoded, where a network is trained.</summary>
    public InputSchema? Schema { get; init; }

    /// <summary>The names of the targets, where a network is trained.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>The names of the methods. Default: all.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>How many rows of a test task are seen, ascending. Default 5, 10, 20, 50.</summary>
    public IReadOnlyList<int> Points { get; init; } = [5, 10, 20, 50];

    /// <summary>The share of the tasks that are learned from, between 0 and 1. Default 0.5.</summary>
    public double TrainShare { get; init; } = 0.5;

    /// <summary>How many random splits of the tasks. Default 1.</summary>
    public int Splits { get; init; } = 1;

    /// <summary>Seeds everything random. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>The fewest rows of a task that are scored: a task with fewer beside those seen takes no part. Default 5.</summary>
    public int MinTestRows { get; init; } = 5;

    /// <summary>The most rows of a task that are scored. Default 1,000.</summary>
    public int MaxTestRows { get; init; } = 1000;

    /// <summary>A training task with more rows is cut into at most ten tasks of this size. Default 50.</summary>
    public int RowsPerTask { get; init; } = 50;

    /// <summary>How many directions this library's own methods learn beside the scales: 0, the default, for none; null for what held-out training tasks decide.</summary>
    public int? Rank { get; init; } = 0;
}
