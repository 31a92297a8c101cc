using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// Learns how far the tasks of a fleet differ in noise and scale, and how much a task's own likelihood is to be trusted there: for every trust of a short list
/// the spreads that maximise the evidence, and of these the ones under which half of a task's rows predict the other half best. None where that is
/// no better, beyond doubt, than to stay with the fleet.
/// </summary>
internal static class SpreadLearner
{
    private const int MostSteps = 60;
    private const double Tolerance = 1e-4; // of the gradient, in nats per task
    private const double Needed = 2; // standard errors by which moving must predict better than staying
    private const double NeededForLess = 1; // and less trust better than more
    private static readonly double[] s_trusts = [1, 0.5, 0.25, 0.125, 0.0625];

    /// <summary>Learns from the tasks' spectra under one prior.</summary>
    internal static SpreadFit Learn(IEnumerable<TaskSpectra?> spectra)
    {
        TaskSpectra[] tasks = [.. spectra.Where(task => task is { Weight: > 0 }).Select(task => task!)];
        if (tasks.Count(task => task.Half is not null) < 3)
        {
            return SpreadFit.None;
        }

        double[] none = HeldOut(tasks, SpreadFit.None);
        double observations = tasks.Sum(task => task.Half is { } half ? task.Weight * (task.Whole.Count - half.Count) : 0);
        double weight = tasks.Sum(task => task.Weight);
        SpreadFit best = SpreadFit.None;
        double[] scores = none;
        foreach (double trust in s_trusts)
        {
            SpreadFit fit = Fit(tasks, trust);
            if (fit.Spread.IsNone)
            {
                continue;
            }

            double[] own = HeldOut(tasks, fit);
            (double gain, double error) = Difference(tasks, own, scores);
            if (gain > (best.Spread.IsNone ? Needed : NeededForLess) * error)
            {
                (double worth, _) = Difference(tasks, own, none);
                (best, scores) = (fit with { Gain = worth * weight / observations }, own);
            }
        }

        return best;
    }

    /// <summary>The spreads that maximise the evidence with a given trust.</summary>
    internal static SpreadFit Fit(TaskSpectra[] tasks, double trust)
    {
        var likelihood = new SpreadLikelihood(tasks, trust);
        if (likelihood.Evaluate(SpreadLikelihood.Start) is not { } start)
        {
            return SpreadFit.None;
        }

        var region = new TrustRegion(likelihood.Evaluate, start, Tolerance);
        for (int step = 0; step < MostSteps && !region.IsConverged && !region.IsStalled; step++)
        {
            region.Step();
        }

        (TaskSpread spread, TaskFactors centre) = likelihood.At(region.Best.X);
        return new SpreadFit(spread, centre, 0);
    }

    // The log density of the other half of each task's rows with the factors that one half gives.
    private static double[] HeldOut(TaskSpectra[] tasks, SpreadFit fit)
    {
        SpreadPrior prior = SpreadPrior.Of(fit.Spread);
        return Array.ConvertAll(tasks, task =>
        {
            if (task.Half is not { } half)
            {
                return 0;
            }

            TaskFactors own = fit.Spread.IsNone ? TaskFactors.Fleet : SpreadMode.Find(half, fit.Centre.Scale, fit.Centre.Noise, prior).Factors;
            double scale = fit.Centre.Scale * own.Scale;
            double noise = fit.Centre.Noise * own.Noise;
            return SpectralSlope.Density(task.Whole, scale, noise) - SpectralSlope.Density(half, scale, noise);
        });
    }

    // Per task, its mean and its standard error.
    private static (double Mean, double Error) Difference(TaskSpectra[] tasks, double[] scores, double[] than)
    {
        double weight = tasks.Sum(task => task.Weight);
        double mean = 0;
        for (int t = 0; t < tasks.Length; t++)
        {
            mean += tasks[t].Weight * (scores[t] - than[t]) / weight;
        }

        double variance = 0;
        for (int t = 0; t < tasks.Length; t++)
        {
            double apart = tasks[t].Weight * (scores[t] - than[t] - mean) / weight;
            variance += apart * apart;
        }

        return (mean, Math.Sqrt(variance));
    }
}
