namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// What learning a fleet's spreads needs of one task under the fleet's prior: its residuals in the eigenbasis of its covariance, in units of the noise, and the
/// same for a seeded half of its rows. 48 N bytes; the prior is no longer needed.
/// </summary>
public sealed class TaskSpectra
{
    internal TaskSpectra(Spectrum whole, Spectrum? half, double weight = 1)
    {
        Whole = whole;
        Half = half;
        Weight = weight;
    }

    /// <summary>All rows.</summary>
    internal Spectrum Whole { get; }

    /// <summary>Half of them; null where there is only one.</summary>
    internal Spectrum? Half { get; }

    /// <summary>How much the task counts.</summary>
    internal double Weight { get; }

    /// <summary>The same with another weight.</summary>
    internal TaskSpectra Weighted(double weight) => new(Whole, Half, weight);
}
