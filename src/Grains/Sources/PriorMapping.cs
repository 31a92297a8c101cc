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
            Spread = prior.SpreadTrust > 0 ? new TaskSpread(prior.NoiseSpread, prior.ScaleSpread, prior.SpreadTrust) : TaskSpread.None,
        };

    /// <summary>The prior of one task that stands somewhere in the fleet; for solves that know no shift or directions.</summary>
    public static PriorDescription At(PriorDescription prior, TaskFactors factors)
    {
        Prior own = ToPrior(prior).At(factors);
        return prior with { BlockScales = own.BlockScales, NoiseVariance = own.NoiseVariance, NoiseSpread = 0, ScaleSpread = 0, SpreadTrust = 0 };
    }

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
            NoiseSpread = fit.Prior.Spread.Noise,
            ScaleSpread = fit.Prior.Spread.Scale,
            SpreadTrust = fit.Prior.Spread.IsNone ? 0 : fit.Prior.Spread.Trust,
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
