using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Solves;

/// <summary>Everything that decides what an iterative solve computes: the same plan on the same rows gives the same numbers.</summary>
public sealed record SolvePlan
{
    /// <summary>What shards hold.</summary>
    public required SolveLayout Layout { get; init; }

    /// <summary>The rows of every shard, in order, covering all rows.</summary>
    public required ImmutableArray<RowRange> Shards { get; init; }

    /// <summary>Whether shards keep their factors or kernel rows in memory, or compute them again in every product.</summary>
    public required bool KeepsFactors { get; init; }

    /// <summary>Whether products are computed in fp64 rather than fp32.</summary>
    public bool InDouble { get; init; }

    /// <summary>Whether the final residual is recomputed with fp64 products, and the solution refined until that one is small.</summary>
    public bool CertifiesInDouble { get; init; }

    /// <summary>What the recurrence is preconditioned with.</summary>
    public required PreconditionerKind Preconditioner { get; init; }

    /// <summary>The most columns of a pivoted Cholesky factor, or the sampled rows.</summary>
    public required int PreconditionerSize { get; init; }

    /// <summary>Random right-hand sides beside the observations': they estimate log determinants and the smallest eigenvalue. At least 1.</summary>
    public int Probes { get; init; } = 4;

    /// <summary>The relative residual |b - A x| / |b| that is asked for. Default 1e-6.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>
    /// The error of the solution, in prior standard deviations of a prediction, that is asked for beside the residual. Only a certified solve can meet
    /// it. Default 1e-5.
    /// </summary>
    public double ErrorTolerance { get; init; } = 1e-5;

    /// <summary>The most steps of one run of the recurrence. Default 500.</summary>
    public int MaxIterations { get; init; } = 500;

    /// <summary>Rows whose leave-one-out prediction is scored, spread over all rows. Default 2,048.</summary>
    public int ScoredRows { get; init; } = 2_048;

    /// <summary>Seeds probes and samples.</summary>
    public int Seed { get; init; }

    /// <summary>n: the rows of all shards.</summary>
    public int Rows => Shards.IsDefaultOrEmpty ? 0 : Shards[^1].Start + Shards[^1].Count;

    /// <summary>What the recurrence's products are computed in.</summary>
    public ProductPrecision Products => InDouble ? ProductPrecision.Double : ProductPrecision.Single;

    /// <summary>What the final residual is computed in.</summary>
    public ProductPrecision Certificate => InDouble || CertifiesInDouble ? ProductPrecision.Double : ProductPrecision.Mixed;

    /// <summary>Checks what could not be computed with.</summary>
    /// <exception cref="ArgumentException">Something is out of range.</exception>
    public void Validate()
    {
        if (Shards.IsDefaultOrEmpty)
        {
            throw new ArgumentException("A plan needs at least one shard.");
        }

        int next = 0;
        foreach (RowRange shard in Shards)
        {
            if (shard.Start != next || shard.Count < 1)
            {
                throw new ArgumentException($"The shards must cover the rows in order; one has {shard.Count} rows from {shard.Start}, {next} is next.");
            }

            next += shard.Count;
        }

        bool isFunction = Layout == SolveLayout.KernelRows;
        if (!Enum.IsDefined(Layout) || !Enum.IsDefined(Preconditioner)
            || (isFunction && Preconditioner is PreconditionerKind.SampledGram or PreconditionerKind.SampledRows)
            || (!isFunction && Preconditioner == PreconditionerKind.PivotedCholesky))
        {
            throw new ArgumentException($"'{Preconditioner}' is no preconditioner of the layout '{Layout}'.");
        }

        RequireAtLeast(PreconditionerSize, 1, "preconditioner size");
        RequireAtLeast(Probes, 1, "number of probes");
        RequireAtLeast(MaxIterations, 1, "number of iterations");
        RequireAtLeast(ScoredRows, 1, "number of scored rows");
        if (!(Tolerance > 0) || !(ErrorTolerance > 0))
        {
            throw new ArgumentException($"Tolerances must be positive, but are {Tolerance} and {ErrorTolerance}.");
        }
    }

    private static void RequireAtLeast(int value, int least, string what)
    {
        if (value < least)
        {
            throw new ArgumentException($"The {what} must be at least {least}, but is {value}.");
        }
    }
}
