using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>What a caller fixes of how a task is solved; what is null is planned. A space, shards, or a precision ask for an iterative solve.</summary>
[GenerateSerializer, Immutable, Alias("adapt.AdaptOptions")]
public sealed record AdaptOptions
{
    /// <summary>What shards hold.</summary>
    [Id(0)]
    public SolveSpace? Space { get; init; }

    /// <summary>How many shards, at least 1.</summary>
    [Id(1)]
    public int? Shards { get; init; }

    /// <summary>Whether shards keep what products need, or compute it again in each.</summary>
    [Id(2)]
    public bool? KeepsFactors { get; init; }

    /// <summary>Whether products are in fp64.</summary>
    [Id(3)]
    public bool? InDouble { get; init; }

    /// <summary>Whether the final residual is recomputed in fp64.</summary>
    [Id(4)]
    public bool? CertifiesInDouble { get; init; }

    /// <summary>The preconditioner.</summary>
    [Id(5)]
    public SolvePreconditioning? Preconditioner { get; init; }

    /// <summary>Columns of a pivoted Cholesky factor, or sampled rows.</summary>
    [Id(6)]
    public int? PreconditionerSize { get; init; }

    /// <summary>The relative residual that is asked for. Default 1e-6.</summary>
    [Id(7)]
    public double? Tolerance { get; init; }

    /// <summary>The most iterations. Default 500.</summary>
    [Id(8)]
    public int? MaxIterations { get; init; }

    /// <summary>Seeds probes and samples. Default 0.</summary>
    [Id(9)]
    public int Seed { get; init; }
}
