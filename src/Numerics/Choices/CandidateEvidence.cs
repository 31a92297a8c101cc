using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Choices;

/// <summary>The evidence of a candidate with one scale: a task's own noise and scale are integrated over, and its likelihood counts as much as the fleet trusts it.</summary>
internal static class CandidateEvidence
{
    private const int Rounds = 3;

    /// <summary>The log evidence of a task, in nats.</summary>
    internal static double Of(Spectrum spectrum, double scale, SharedNoise noise)
    {
        if (noise.Spread.IsNone)
        {
            return SpectralEvidence.Value(spectrum, scale, noise.Variance);
        }

        SpreadPrior prior = SpreadPrior.Of(noise.Spread);
        return SpreadMoments.Of(spectrum, scale, noise.Variance, prior, SpreadMode.Find(spectrum, scale, noise.Variance, prior)).LogEvidence;
    }

    /// <summary>Where a task stands in its fleet, if the candidate is right.</summary>
    internal static TaskFactors Factors(Spectrum spectrum, double scale, SharedNoise noise) => noise.Spread.IsNone
        ? TaskFactors.Fleet
        : SpreadMode.Find(spectrum, scale, noise.Variance, SpreadPrior.Of(noise.Spread)).Factors;

    /// <summary>The fleet's scale: in turn the one that explains the tasks best where each stands, and where they stand under it.</summary>
    internal static double BestScale(IReadOnlyList<Spectrum> spectra, SharedNoise noise, IReadOnlyList<double> weights)
    {
        IReadOnlyList<Spectrum> moved = spectra;
        double scale = SpectralEvidence.MaximiseScale(moved, noise.Variance, weights).Scale;
        for (int round = 1; round < Rounds && !noise.Spread.IsNone; round++)
        {
            moved = [.. spectra.Select(spectrum => spectrum.Moved(Factors(spectrum, scale, noise)))];
            scale = SpectralEvidence.MaximiseScale(moved, noise.Variance, weights).Scale;
        }

        return scale;
    }
}
