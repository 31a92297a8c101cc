using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Sources;

/// <summary>Between the prior of a message and that of the mathematics. Versions are given by the source's grain.</summary>
internal static class PriorMapping
{
    /// <summary>A prior without shift or directions; one that has them is read by <see cref="PriorStore"/>.</summary>
    /// <exception cref="InvalidInputException">It has a shift or directions: whoever asks so can do nothing with them.</exception>
    public static Prior ToPrior(PriorDescription prior) => prior.MovesHash is not null
        ? throw new InvalidInputException(
            "prior", "it has a learned shift or directions, which neither panels nor iterative solves can use", "fit a prior with --rank 0, or adapt tasks of their own")
        : new(prior.BlockScales, prior.NoiseVariance, prior.MeanIsSource ? PriorMean.Source : PriorMean.Zero)
        {
            SourceResidualVariance = prior.SourceNoiseVariance,
            Coupling = CouplingOf(prior.OutputsAreIndependent),
        };

    public static OutputCoupling CouplingOf(bool independent) => independent ? OutputCoupling.Independent : OutputCoupling.Full;

    /// <exception cref="InvalidInputException">A variance is out of range.</exception>
    public static PriorDescription ByHand(NetworkSpec spec, PriorSetting setting, double? validationVariance)
    {
        if (!double.IsFinite(setting.Scale) || setting.Scale < 0)
        {
            throw new InvalidInputException("scale", $"{setting.Scale} is no variance", "give a number of at least 0");
        }

        if (!double.IsFinite(setting.NoiseVariance) || setting.NoiseVariance <= 0)
        {
            throw new InvalidInputException("noise variance", $"{setting.NoiseVariance} is no noise variance", "give a number above 0");
        }

        Prior prior = Prior.Uniform(spec, setting.Scale, setting.NoiseVariance) with { Coupling = CouplingOf(setting.IndependentOutputs) };
        return Describe(spec, prior, setting.MeanIsSource, validationVariance ?? setting.NoiseVariance, null);
    }

    public static PriorDescription Learned(NetworkSpec spec, FleetFit fit, PriorFitSummary summary, string? movesHash) =>
        Describe(spec, fit.Prior, fit.Prior.Mean == PriorMean.Source, fit.SourceResidualVariance, summary) with
        {
            Rank = fit.Prior.RankOf(spec),
            MovesHash = movesHash,
        };

    private static PriorDescription Describe(
        NetworkSpec spec, Prior prior, bool meanIsSource, double sourceNoiseVariance, PriorFitSummary? fit) => new()
        {
            Version = 0,
            BlockScales = prior.BlockScales,
            BlockNames = [.. spec.Blocks.Select(block => block.Name)],
            NoiseVariance = prior.NoiseVariance,
            MeanIsSource = meanIsSource,
            SourceNoiseVariance = sourceNoiseVariance,
            Fit = fit,
            OutputsAreIndependent = prior.Coupling == OutputCoupling.Independent,
        };
}
