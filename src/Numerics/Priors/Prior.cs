using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Priors;

/// <summary>
/// What is believed about a new task: how far each parameter block moves, and how noisy its observations are. Equality is by content.
/// </summary>
/// <param name="BlockScales">theta, length B: the prior variance of every parameter of the block. 0 freezes the block.</param>
/// <param name="NoiseVariance">sigma^2, length 1 (shared) or c (per output), in standardised target units squared; positive.</param>
/// <param name="Mean">The function before data.</param>
public sealed record Prior(ImmutableArray<double> BlockScales, ImmutableArray<double> NoiseVariance, PriorMean Mean)
{
    /// <summary>
    /// The mean squared residual of the source network without adaptation on comparable tasks, in standardised units squared: the noise
    /// variance that the "no adaptation" scores assume. Null when it is not known; then they assume the prior predictive variance.
    /// </summary>
    public double? SourceResidualVariance { get; init; }

    /// <summary>Whether the outputs are learned together. Without effect for one output. Default: <see cref="OutputCoupling.Full"/>.</summary>
    public OutputCoupling Coupling { get; init; }

    /// <summary>
    /// d0, [p]: the mean of a task's change of the parameters, in their order. Empty, the default: no parameter is expected to move one way.
    /// </summary>
    public ImmutableArray<double> Shift { get; init; } = [];

    /// <summary>
    /// U, [p, r] row by row: directions in which tasks differ beyond what the scales say, so d ~ N(d0, blockdiag(theta_b I) + U U^T). Empty, the
    /// default: none.
    /// </summary>
    public ImmutableArray<double> Directions { get; init; } = [];

    /// <summary>How far tasks differ in noise and overall scale. Default: <see cref="TaskSpread.None"/>.</summary>
    public TaskSpread Spread { get; init; } = TaskSpread.None;

    /// <summary>Whether there is a shift or a direction: then a task is solved directly, in fp64.</summary>
    public bool HasMoves => !Shift.IsEmpty || !Directions.IsEmpty;

    /// <summary>r, the number of directions.</summary>
    public int RankOf(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Directions.Length / spec.ParameterCount;
    }

    /// <summary>A prior with one scale for every parameter.</summary>
    public static Prior Uniform(NetworkSpec spec, double scale, double noiseVariance, PriorMean mean = PriorMean.Source)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new Prior([.. Enumerable.Repeat(scale, spec.Blocks.Length)], [noiseVariance], mean);
    }

    /// <summary>The noise variance of output <paramref name="output"/>, in standardised units squared.</summary>
    public double NoiseOf(int output) => NoiseVariance.Length == 1 ? NoiseVariance[0] : NoiseVariance[output];

    /// <summary>The prior of one output alone.</summary>
    public Prior ForOutput(int output) => this with { NoiseVariance = [NoiseOf(output)], Coupling = OutputCoupling.Full };

    /// <summary>The prior of one task that stands somewhere in the fleet: noise and scales are its own, and nothing is left to move.</summary>
    public Prior At(TaskFactors factors) => factors == TaskFactors.Fleet
        ? this with { Spread = TaskSpread.None }
        : this with
        {
            NoiseVariance = [.. NoiseVariance.Select(v => v * factors.Noise)],
            BlockScales = [.. BlockScales.Select(v => v * factors.Scale)],
            Directions = [.. Directions.Select(v => v * Math.Sqrt(factors.Scale))],
            Spread = TaskSpread.None,
        };

    /// <summary>Checks the prior against the network.</summary>
    /// <exception cref="ArgumentException">A length does not fit, a scale is negative, a noise is not positive, or something is not finite.</exception>
    public void Validate(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (BlockScales.IsDefault || BlockScales.Length != spec.Blocks.Length)
        {
            throw new ArgumentException($"The prior needs {spec.Blocks.Length} block scales, one per parameter block of the network, but has {(BlockScales.IsDefault ? 0 : BlockScales.Length)}.");
        }

        if (NoiseVariance.IsDefault || (NoiseVariance.Length != 1 && NoiseVariance.Length != spec.Outputs))
        {
            throw new ArgumentException($"The prior needs 1 or {spec.Outputs} noise variances, but has {(NoiseVariance.IsDefault ? 0 : NoiseVariance.Length)}.");
        }

        for (int b = 0; b < BlockScales.Length; b++)
        {
            if (!double.IsFinite(BlockScales[b]) || BlockScales[b] < 0)
            {
                throw new ArgumentException($"The prior scale of '{spec.Blocks[b].Name}' must be finite and not negative, but is {BlockScales[b]}.");
            }
        }

        if (NoiseVariance.Any(v => !double.IsFinite(v) || v <= 0))
        {
            throw new ArgumentException("Every noise variance must be finite and positive.");
        }

        ValidateMoves(spec);
        Spread.Validate();
        if (!Enum.IsDefined(Mean) || !Enum.IsDefined(Coupling))
        {
            throw new ArgumentException($"'{Mean}' is no prior mean, or '{Coupling}' no coupling of outputs.");
        }

        if (SourceResidualVariance is { } s && (!double.IsFinite(s) || s <= 0))
        {
            throw new ArgumentException($"The source residual variance must be finite and positive when it is given, but is {s}.");
        }
    }

    /// <inheritdoc/>
    public bool Equals(Prior? other) =>
        other is not null && Mean == other.Mean && Coupling == other.Coupling && SourceResidualVariance == other.SourceResidualVariance && Spread == other.Spread
        && Same(BlockScales, other.BlockScales) && Same(NoiseVariance, other.NoiseVariance) && Same(Shift, other.Shift) && Same(Directions, other.Directions);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mean, BlockScales.Length, NoiseVariance.Length, NoiseVariance[0], Directions.Length);

    // Most often the same array: directions have a number per parameter.
    private static bool Same(ImmutableArray<double> x, ImmutableArray<double> y) => x == y || x.AsSpan().SequenceEqual(y.AsSpan());

    private void ValidateMoves(NetworkSpec spec)
    {
        int p = spec.ParameterCount;
        if (Shift.IsDefault || (!Shift.IsEmpty && Shift.Length != p) || Directions.IsDefault || Directions.Length % p != 0)
        {
            throw new ArgumentException($"The prior's shift needs {p} numbers or none and its directions a multiple of {p}, one per parameter.");
        }

        if (Shift.Any(v => !double.IsFinite(v)) || Directions.Any(v => !double.IsFinite(v)))
        {
            throw new ArgumentException("The prior's shift and directions must be finite.");
        }
    }
}
