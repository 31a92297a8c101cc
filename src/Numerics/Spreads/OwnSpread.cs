using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solves;
using TorchSharp;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// One task's own noise and scale. Up to 256 observations by its spectrum. Beyond, the spectrum of a seeded sample of the rows says about where, and steps of the
/// average information on all of them (on a sample of 2,048) end it: each costs a Cholesky factorisation and its inverse, and two or three are enough.
/// </summary>
internal static class OwnSpread
{
    private const int MostFactorised = 2048;
    private const int MostSteps = 6;
    private const double Enough = 1e-3; // of a and b: a twentieth of what 5,000 rows leave uncertain
    private const double LongestStep = 0.5;

    /// <summary>Where a task stands in its fleet. Within a slice; the same rows give the same bits.</summary>
    /// <param name="source">The network.</param>
    /// <param name="data">The task.</param>
    /// <param name="prior">The fleet's prior, with its spread.</param>
    /// <param name="train">Optional: the Jacobian at all rows, where it is there anyway; borrowed.</param>
    internal static TaskFactors Find(SourceNetwork source, TaskData data, Prior prior, JacobianFactors? train = null)
    {
        if (prior.Spread.IsNone)
        {
            return TaskFactors.Fleet;
        }

        SpreadPrior spread = SpreadPrior.Of(prior.Spread);
        int c = source.Model.Spec.Outputs;
        bool isSmall = data.Rows * c <= TaskSpectrum.MostObservations;
        if (SpectrumOf(source, data, prior, isSmall ? train : null) is not { } spectrum)
        {
            return TaskFactors.Fleet;
        }

        SpreadMode mode = FindMode(spectrum, spread);
        bool isExact = isSmall || (prior.Coupling == OutputCoupling.Independent && c > 1);
        return isExact ? mode.Factors : Refine(source, data, prior, spread, mode, train) ?? mode.Factors;
    }

    /// <summary>Where a task stands by a spectrum under the fleet's prior.</summary>
    internal static SpreadMode FindMode(Spectrum spectrum, in SpreadPrior spread) => SpreadMode.Find(spectrum, 1, 1, spread).Settled(spectrum, 1, 1, spread);

    /// <summary>The spectrum of a task's rows, or of a seeded sample of them; null where it is not finite.</summary>
    internal static Spectrum? SpectrumOf(SourceNetwork source, TaskData data, Prior prior, JacobianFactors? train = null)
    {
        TaskData few = Sample(data, TaskSpectrum.MostObservations / source.Model.Spec.Outputs);
        using DisposeScope scope = torch.NewDisposeScope();
        JacobianFactors? made = train is null ? source.Linearise(few.Inputs) : null;
        try
        {
            return TaskSpectrum.Of(train ?? made!, TaskPosterior.StandardisedTargets(source, few), prior);
        }
        finally
        {
            made?.Dispose();
        }
    }

    /// <summary>At most so many rows of a task, and at least one: the same ones for the same task.</summary>
    internal static TaskData Sample(TaskData data, int most)
    {
        most = Math.Max(1, most);
        if (data.Rows <= most)
        {
            return data;
        }

        return data.SelectRows(RowSample.Within(new RowRange(0, data.Rows), data.Rows, most, seed: 0));
    }

    private static TaskFactors? Refine(SourceNetwork source, TaskData data, Prior prior, SpreadPrior spread, SpreadMode from, JacobianFactors? train)
    {
        int c = source.Model.Spec.Outputs;
        TaskData rows = Sample(data, MostFactorised / c);
        using DisposeScope scope = torch.NewDisposeScope();
        bool isAll = rows.Rows == data.Rows && train is not null;
        JacobianFactors? made = isAll ? null : source.Linearise(rows.Inputs);
        try
        {
            JacobianFactors factors = made ?? train!;
            Observations observations = Observations.Create(factors, TaskPosterior.StandardisedTargets(source, rows), prior, default);
            var step = new LargeStep(PriorFunctions.Covariance(factors, prior), observations, spread);
            (double a, double b) = (from.Noise, from.Scale);
            for (int i = 0; i < MostSteps; i++)
            {
                (double da, double db, double va, double vb) = step.At(a, b);
                double length = Math.Max(Math.Abs(da), Math.Abs(db));
                double trust = length > LongestStep ? LongestStep / length : 1;
                (a, b) = (a + (trust * da), b + (trust * db));
                if (length < Enough)
                {
                    return new TaskFactors(Math.Exp(a + (0.5 * va)), Math.Exp(b + (0.5 * vb)));
                }
            }

            return null; // not settled: what the sample says
        }
        catch (NotPositiveDefiniteException)
        {
            return null;
        }
        finally
        {
            made?.Dispose();
        }
    }
}
