namespace AdaptCluster.Numerics.Posteriors;

/// <summary>How <see cref="StochasticEvidence"/> estimates.</summary>
public sealed record StochasticEvidenceOptions
{
    /// <summary>How many random probes; the standard errors fall with its root. At least 2. Default: 16.</summary>
    public int Probes { get; init; } = 16;

    /// <summary>The seed of the probes: the same seed gives the same numbers. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>A system is solved when its residual is at most this times its right-hand side. Default: 1e-6.</summary>
    public double RelativeTolerance { get; init; } = 1e-6;

    /// <summary>The most iterations of conjugate gradients. Default: 1,000.</summary>
    public int MaxIterations { get; init; } = 1_000;

    /// <summary>The most columns of the preconditioner: 8 N of them bytes each, and as many rows of the kernel. 0: none. Default: 200.</summary>
    public int PreconditionerRank { get; init; } = 200;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public void Validate()
    {
        if (Probes < 2)
        {
            throw new ArgumentException($"{nameof(Probes)} must be at least 2, but is {Probes}: one probe has no standard error.");
        }

        if (!(RelativeTolerance > 0) || !double.IsFinite(RelativeTolerance))
        {
            throw new ArgumentException($"{nameof(RelativeTolerance)} must be positive, but is {RelativeTolerance}.");
        }

        if (MaxIterations < 1)
        {
            throw new ArgumentException($"{nameof(MaxIterations)} must be at least 1, but is {MaxIterations}.");
        }

        if (PreconditionerRank < 0)
        {
            throw new ArgumentException($"{nameof(PreconditionerRank)} must not be negative, but is {PreconditionerRank}.");
        }
    }
}
