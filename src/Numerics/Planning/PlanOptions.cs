using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Numerics.Planning;

/// <summary>What a caller fixes of a plan; what is null is the planner's choice.</summary>
public sealed record PlanOptions
{
    /// <summary>The layout of an iterative solve; a layout given here rules out a direct solve.</summary>
    public SolveLayout? Layout { get; init; }

    /// <summary>The number of shards, at least 1; a number given here rules out a direct solve. Default: at most one per device.</summary>
    public int? Shards { get; init; }

    /// <summary>Whether shards keep their factors or kernel rows.</summary>
    public bool? KeepsFactors { get; init; }

    /// <summary>Whether products are in fp64. Default: fp32.</summary>
    public bool? InDouble { get; init; }

    /// <summary>Whether the residual is recomputed in fp64. Default: where that takes a second or two.</summary>
    public bool? CertifiesInDouble { get; init; }

    /// <summary>The preconditioner; <see cref="PreconditionerKind.None"/> for comparisons.</summary>
    public PreconditionerKind? Preconditioner { get; init; }

    /// <summary>Columns of a pivoted Cholesky factor, or sampled rows.</summary>
    public int? PreconditionerSize { get; init; }

    /// <summary>The relative residual. Default 1e-6.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>The most iterations. Default 500.</summary>
    public int MaxIterations { get; init; } = 500;

    /// <summary>Seeds probes and samples.</summary>
    public int Seed { get; init; }

    /// <summary>The most bytes of one message between coordinator and shard. Default 4 MiB.</summary>
    public int MessageBytes { get; init; } = 4 << 20;

    /// <summary>Whether only an iterative solve will do.</summary>
    internal bool IsIterative => Layout is not null || Shards is not null || KeepsFactors is not null || Preconditioner is not null || InDouble is not null;
}
