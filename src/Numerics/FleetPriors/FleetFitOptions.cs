using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>How the fleet prior is learned.</summary>
public sealed record FleetFitOptions
{
    /// <summary>How many scales are learned. Default: one per block.</summary>
    public FleetScales Scales { get; init; } = FleetScales.Block;

    /// <summary>Whether every output gets its own noise variance. Default: true.</summary>
    public bool NoisePerOutput { get; init; } = true;

    /// <summary>The function before data. Default: the source network's output.</summary>
    public PriorMean Mean { get; init; } = PriorMean.Source;

    /// <summary>Whether the outputs of a task are learned together. Default: they are.</summary>
    public OutputCoupling Coupling { get; init; }

    /// <summary>A task with more rows gives a seeded sample of this many. Default: 256.</summary>
    public int MaxRowsPerTask { get; init; } = 256;

    /// <summary>The most iterations of the optimiser. Default: 100.</summary>
    public int MaxIterations { get; init; } = 100;

    /// <summary>The seed of the row samples. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// Converged when no derivative of the log evidence per observation with respect to a log-parameter exceeds this, in nats. Default: 1e-6.
    /// </summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>
    /// How much memory may be taken by what does not depend on the prior, in bytes: the blocks' kernels of small tasks, the Jacobian factors of large
    /// ones; for tasks beyond it that is computed again in every evaluation. Default: 512 MiB.
    /// </summary>
    public long FactorCacheBytes { get; init; } = 512L << 20;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Scales) || !Enum.IsDefined(Mean) || !Enum.IsDefined(Coupling))
        {
            throw new ArgumentException($"{nameof(Scales)} is '{Scales}', {nameof(Mean)} is '{Mean}' and {nameof(Coupling)} is '{Coupling}': one of them is not known.");
        }

        if (MaxRowsPerTask < 1)
        {
            throw new ArgumentException($"{nameof(MaxRowsPerTask)} must be at least 1, but is {MaxRowsPerTask}.");
        }

        if (MaxIterations < 1)
        {
            throw new ArgumentException($"{nameof(MaxIterations)} must be at least 1, but is {MaxIterations}.");
        }

        if (!(Tolerance > 0) || !double.IsFinite(Tolerance))
        {
            throw new ArgumentException($"{nameof(Tolerance)} must be positive, but is {Tolerance}.");
        }

        if (FactorCacheBytes < 0)
        {
            throw new ArgumentException($"{nameof(FactorCacheBytes)} must not be negative, but is {FactorCacheBytes}.");
        }
    }
}
