using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Everything that decides what a solve computes: the same plan on the same rows gives the same numbers.</summary>
[GenerateSerializer, Immutable, Alias("adapt.SolvePlanDescription")]
public sealed record SolvePlanDescription
{
    /// <summary>In a few words.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>What shards hold.</summary>
    [Id(1)]
    public required SolveSpace Space { get; init; }

    /// <summary>The rows of every shard, in order, covering all rows.</summary>
    [Id(2)]
    public required ImmutableArray<int> RowsPerShard { get; init; }

    /// <summary>Whether shards keep what products need, or compute it again in each.</summary>
    [Id(3)]
    public required bool KeepsFactors { get; init; }

    /// <summary>Whether products are in fp64.</summary>
    [Id(4)]
    public required bool InDouble { get; init; }

    /// <summary>Whether the final residual is recomputed in fp64.</summary>
    [Id(5)]
    public required bool CertifiesInDouble { get; init; }

    /// <summary>The preconditioner.</summary>
    [Id(6)]
    public required SolvePreconditioning Preconditioner { get; init; }

    /// <summary>The most columns of a pivoted Cholesky factor, or the sampled rows.</summary>
    [Id(7)]
    public required int PreconditionerSize { get; init; }

    /// <summary>Random right-hand sides beside the observations'.</summary>
    [Id(8)]
    public required int Probes { get; init; }

    /// <summary>The relative residual that is asked for.</summary>
    [Id(9)]
    public required double Tolerance { get; init; }

    /// <summary>The error that is asked for, in prior standard deviations of a prediction.</summary>
    [Id(10)]
    public required double ErrorTolerance { get; init; }

    /// <summary>The most steps of one run of the recurrence.</summary>
    [Id(11)]
    public required int MaxIterations { get; init; }

    /// <summary>Rows whose leave-one-out prediction is scored.</summary>
    [Id(12)]
    public required int ScoredRows { get; init; }

    /// <summary>Seeds probes and samples.</summary>
    [Id(13)]
    public required int Seed { get; init; }

    /// <summary>Memory of the largest shard, in bytes.</summary>
    [Id(14)]
    public required long ShardBytes { get; init; }

    /// <summary>Memory of the coordinator, in bytes.</summary>
    [Id(15)]
    public required long CoordinatorBytes { get; init; }

    /// <summary>About how many floating-point operations one question is to one shard.</summary>
    [Id(16)]
    public required double FlopsPerQuestion { get; init; }

    /// <summary>The predicted bytes of one iteration, there and back, over all shards.</summary>
    [Id(17)]
    public required long BytesPerIteration { get; init; }

    /// <summary>The predicted messages of one iteration.</summary>
    [Id(18)]
    public required int MessagesPerIteration { get; init; }

    /// <summary>The predicted time, in seconds.</summary>
    [Id(19)]
    public required double Seconds { get; init; }

    /// <summary>Why this plan, in a sentence.</summary>
    [Id(20)]
    public required string Why { get; init; }
}
