using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>One version of a task's posterior. It never changes.</summary>
[GenerateSerializer, Immutable, Alias("adapt.PosteriorDescription")]
public sealed record PosteriorDescription
{
    /// <summary>Counts the posteriors of the task from 1.</summary>
    [Id(0)]
    public required int Version { get; init; }

    /// <summary>The prior that it was computed with.</summary>
    [Id(1)]
    public required int PriorVersion { get; init; }

    /// <summary>The rows that it rests on.</summary>
    [Id(2)]
    public required int Observations { get; init; }

    /// <summary>Whether it is exact (a direct solve) rather than approximate.</summary>
    [Id(3)]
    public required bool Exact { get; init; }

    /// <summary>Where it was solved: "function" space (n x n) or "parameter" space (p x p).</summary>
    [Id(4)]
    public required string Space { get; init; }

    /// <summary>Log evidence of the observations, standardised units.</summary>
    [Id(5)]
    public required double LogEvidence { get; init; }

    /// <summary>How many directions the data determine: the trace of K (K + noise)^-1, between 0 and n c.</summary>
    [Id(6)]
    public required double EffectiveDimension { get; init; }

    /// <summary>Leave-one-out scores of the posterior, in closed form.</summary>
    [Id(7)]
    public required FitScores LeaveOneOut { get; init; }

    /// <summary>The same scores with nothing adapted: worse, and adaptation helps; better, and it does not.</summary>
    [Id(8)]
    public required FitScores SourceOnly { get; init; }

    /// <summary>When it was computed.</summary>
    [Id(9)]
    public required DateTimeOffset Computed { get; init; }

    /// <summary>
    /// Whether a direct solve factorised in 32-bit precision and refined the solution: its variances are rounded up by a millionth of the prior's, its
    /// leave-one-out scores are those of some rows.
    /// </summary>
    [Id(12)]
    public bool IsRefined { get; init; }

    /// <summary>Milliseconds of device time that it took.</summary>
    [Id(10)]
    public required double DeviceMilliseconds { get; init; }

    /// <summary>The task's noise variance over that of the fleet's prior; null where the prior has no spread and the task stays with the fleet.</summary>
    [Id(13)]
    public double? NoiseFactor { get; init; }

    /// <summary>The same of its parameter variances.</summary>
    [Id(14)]
    public double? ScaleFactor { get; init; }

    /// <summary>What the iterative solve took; null after a direct one.</summary>
    [Id(11)]
    public SolveSummary? Solve { get; init; }
}
