namespace AdaptCluster.Numerics.Priors;

/// <summary>
/// How far tasks differ from their fleet: task t has the noise variance sigma^2 e^a and the parameter variances theta e^b (those of the directions with
/// them), a ~ N(-s_a^2/2, s_a^2) and b ~ N(-s_b^2/2, s_b^2), so that the fleet's noise and scales are the means over the tasks.
/// </summary>
/// <param name="Noise">s_a, not negative; 0: every task has the fleet's noise.</param>
/// <param name="Scale">s_b, not negative; 0: every task has the fleet's scales.</param>
/// <param name="Trust">
/// eta in (0, 1]: the power to which a task's likelihood counts where it moves a and b. 1 where the noise is normal; less where its tails are heavy, because
/// then a few rows say less about a variance than a normal model believes (2 / (kurtosis - 1) for independent residuals).
/// </param>
public sealed record TaskSpread(double Noise, double Scale, double Trust = 1)
{
    /// <summary>Tasks that all have the fleet's noise and scales.</summary>
    public static TaskSpread None { get; } = new(0, 0);

    /// <summary>Whether no task moves.</summary>
    public bool IsNone => Noise == 0 && Scale == 0;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    internal void Validate()
    {
        if (!double.IsFinite(Noise) || Noise < 0 || !double.IsFinite(Scale) || Scale < 0)
        {
            throw new ArgumentException($"The spreads of noise and scale must be finite and not negative, but are {Noise} and {Scale}.");
        }

        if (!(Trust > 0) || Trust > 1)
        {
            throw new ArgumentException($"The trust in a task's own evidence must be above 0 and at most 1, but is {Trust}.");
        }
    }
}
