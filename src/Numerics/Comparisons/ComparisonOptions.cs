using System.Collections.Immutable;
using AdaptCluster.Numerics.Baselines;

namespace AdaptCluster.Numerics.Comparisons;

/// <summary>What is compared, and on which rows.</summary>
public sealed record ComparisonOptions
{
    /// <summary>The methods. Default: all.</summary>
    public ImmutableArray<string> Methods { get; init; } = MethodNames.All;

    /// <summary>How many rows of a test task are seen; ascending. Default: 5, 10, 20, 50.</summary>
    public ImmutableArray<int> Points { get; init; } = [5, 10, 20, 50];

    /// <summary>The share of the tasks that are learned from, in (0, 1); the others are tests. Default: 0.5.</summary>
    public double TrainShare { get; init; } = 0.5;

    /// <summary>How many random splits of the tasks. Default: 1.</summary>
    public int Splits { get; init; } = 1;

    /// <summary>Seeds the splits, the order of rows and the methods. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>A task is a test for k seen rows if it has at least this many others. Default: 5.</summary>
    public int MinTestRows { get; init; } = 5;

    /// <summary>The most rows of a task that are scored. Default: 1,000.</summary>
    public int MaxTestRows { get; init; } = 1000;

    /// <summary>A training task with more rows is cut into tasks of this size: a prior is learned from tasks like those that come. Default: 50.</summary>
    public int FleetRows { get; init; } = 50;

    /// <summary>The most tasks that one is cut into. Default: 10.</summary>
    public int FleetPieces { get; init; } = 10;

    /// <summary>
    /// How many directions this library's own methods learn beside the scales: 0, the default, for none; null for what held-out training tasks decide.
    /// </summary>
    public int? Rank { get; init; } = 0;

    /// <summary>How the source network is trained anew on the training tasks of every split; null: the network is used as it is.</summary>
    public Training.TrainingOptions? Retrain { get; init; }

    /// <summary>Which inputs are standardised together where the network is trained anew; see <see cref="Data.Standardisation.Fit"/>. Default: each alone.</summary>
    public ImmutableArray<int> InputGroups { get; init; } = [];

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(!Methods.IsDefaultOrEmpty && Methods.All(MethodNames.All.Contains), nameof(Methods), $"some of {string.Join(", ", MethodNames.All)}");
        bool ascending = !Points.IsDefaultOrEmpty && Points.Zip(Points.Skip(1)).All(pair => pair.First < pair.Second);
        Require(ascending && Points[0] >= 1, nameof(Points), "at least 1 and ascending");
        Require(TrainShare is > 0 and < 1, nameof(TrainShare), "between 0 and 1");
        Require(Splits >= 1, nameof(Splits), "at least 1");
        Require(MinTestRows >= 1, nameof(MinTestRows), "at least 1");
        Require(MaxTestRows >= MinTestRows, nameof(MaxTestRows), $"at least {nameof(MinTestRows)}");
        Require(FleetRows >= 1, nameof(FleetRows), "at least 1");
        Require(FleetPieces >= 1, nameof(FleetPieces), "at least 1");
        Require(Rank is null or >= 0, nameof(Rank), "at least 0");
        Retrain?.Validate();
    }

    private static void Require(bool holds, string name, string range)
    {
        if (!holds)
        {
            throw new ArgumentException($"{name} must be {range}.");
        }
    }
}
