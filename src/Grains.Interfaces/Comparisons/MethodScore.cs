using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Comparisons;

/// <summary>How one method did with one number of rows seen: means over test tasks and splits, in the target's own units.</summary>
[GenerateSerializer, Immutable, Alias("adapt.MethodScore")]
public sealed record MethodScore
{
    /// <summary>How many rows were seen.</summary>
    [Id(0)]
    public required int Points { get; init; }

    /// <summary>Which method.</summary>
    [Id(1)]
    public required string Method { get; init; }

    /// <summary>Test tasks of one split, on average.</summary>
    [Id(2)]
    public required double Tasks { get; init; }

    /// <summary>Mean squared error.</summary>
    [Id(3)]
    public required ScoreEstimate Mse { get; init; }

    /// <summary>Mean negative log density, nats per number.</summary>
    [Id(4)]
    public required ScoreEstimate Nlpd { get; init; }

    /// <summary>The share within the 95% interval.</summary>
    [Id(5)]
    public required ScoreEstimate Coverage95 { get; init; }

    /// <summary>The error less that of "adapted" on the same tasks; null where that was not compared.</summary>
    [Id(6)]
    public ScoreEstimate? MseOverAdapted { get; init; }

    /// <summary>The negative log density less that of "adapted" on the same tasks.</summary>
    [Id(7)]
    public ScoreEstimate? NlpdOverAdapted { get; init; }

    /// <summary>Seconds per task, to adapt and to predict what was scored.</summary>
    [Id(8)]
    public required double SecondsPerTask { get; init; }

    /// <summary>How many tasks the method failed on; the source network predicted for these.</summary>
    [Id(9)]
    public required int Failures { get; init; }

    /// <summary>Where the method chooses: how often each candidate was chosen. Empty otherwise.</summary>
    [Id(10)]
    public ImmutableArray<CandidateShare> Choices { get; init; } = [];
}
