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

    /// <summary>
    /// How many directions are learned, with a shift, beside the scales: 0, the default, for neither; null for the number that explains held-out tasks
    /// best. Directions need some hundred tasks.
    /// </summary>
    public int? Rank { get; init; } = 0;

    /// <summary>
    /// Whether it is learned, after scales and noise, how far tasks differ in noise and overall scale: <see cref="Prior.Spread"/>. None is a legitimate
    /// result. Default: it is not.
    /// </summary>
    public bool LearnsSpread { get; init; }

    /// <summary>The most directions that are tried where their number is chosen. Default: 16.</summary>
    public int MaxRank { get; init; } = 16;

    /// <summary>The share of the tasks that is held out while directions are learned, between 0 and 1 (exclusive). Default: 0.2.</summary>
    public double HeldOutFraction { get; init; } = 0.2;

    /// <summary>A task with more rows gives a seeded sample of this many. Default: 256.</summary>
    public int MaxRowsPerTask { get; init; } = 256;

    /// <summary>
    /// Of more than twice as many tasks a seeded sample of this many leads the way: scales are fitted to it first, directions are tried on it; the last steps are
    /// always taken with all. Default: 2,000.
    /// </summary>
    public int MinibatchTasks { get; init; } = 2_000;

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

        if (MinibatchTasks < 1)
        {
            throw new ArgumentException($"{nameof(MinibatchTasks)} must be at least 1, but is {MinibatchTasks}.");
        }

        if (MaxIterations < 1)
        {
            throw new ArgumentException($"{nameof(MaxIterations)} must be at least 1, but is {MaxIterations}.");
        }

        if (Rank is < 0 || MaxRank < 1)
        {
            throw new ArgumentException($"{nameof(Rank)} must be at least 0 and {nameof(MaxRank)} at least 1, but they are {Rank} and {MaxRank}.");
        }

        if (!(HeldOutFraction > 0) || !(HeldOutFraction < 1))
        {
            throw new ArgumentException($"{nameof(HeldOutFraction)} must be between 0 and 1, but is {HeldOutFraction}.");
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
