using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Comparisons;

/// <summary>
/// How one method did with one number of rows seen: means over test tasks, each task's mean over its rows counting the same, and over splits. The
/// standard errors are over the tasks of one split (root mean square over the splits): splits share tasks, so more of them do not make these smaller.
/// </summary>
public sealed record ComparisonScore
{
    /// <summary>How many rows were seen.</summary>
    public required int Points { get; init; }

    /// <summary>Which method.</summary>
    public required string Method { get; init; }

    /// <summary>Test tasks of one split, on average.</summary>
    public required double Tasks { get; init; }

    /// <summary>Mean squared error.</summary>
    public required Estimate MeanSquaredError { get; init; }

    /// <summary>Mean negative log density, nats per number.</summary>
    public required Estimate NegativeLogDensity { get; init; }

    /// <summary>The share within the 95% interval.</summary>
    public required Estimate Coverage95 { get; init; }

    /// <summary>The error less that of "adapted" on the same tasks; null where that was not compared.</summary>
    public Estimate? MeanSquaredErrorOverAdapted { get; init; }

    /// <summary>The negative log density less that of "adapted" on the same tasks.</summary>
    public Estimate? NegativeLogDensityOverAdapted { get; init; }

    /// <summary>Seconds per task, to adapt and to predict what was scored.</summary>
    public required double SecondsPerTask { get; init; }

    /// <summary>How many of the tasks of all splits the method failed on; the source network predicted for these.</summary>
    public required int Failures { get; init; }

    /// <summary>Where the method chooses: how often each candidate was chosen, as a share of the tasks.</summary>
    public ImmutableSortedDictionary<string, double>? Choices { get; init; }
}
