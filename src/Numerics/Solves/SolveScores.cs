using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// Leave-one-out scores of some rows after an iterative solve: with f and v the posterior's mean and variance at a row that it has seen and h = v / sigma^2,
/// the prediction without the row misses by (y - f) / (1 - h) and has variance sigma^2 / (1 - h). Exact where v is; a v that is too large makes the scores
/// worse, never better.
/// </summary>
internal static class SolveScores
{
    private const double MostLeverage = 1 - 1e-9;
    private const long ChunkNumbers = 1L << 24;

    /// <summary>The report of a solved task.</summary>
    /// <param name="network">fp64.</param>
    /// <param name="posterior">What predicts.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="sample">The rows that are scored, in the data's units; the task has seen them.</param>
    /// <param name="observations">N, of the whole task.</param>
    /// <param name="logEvidence">Of the whole task.</param>
    /// <param name="space">Where it was solved.</param>
    internal static AdaptationReport Score(
        SourceNetwork network, IPredictivePosterior posterior, Prior prior, TaskData sample, int observations, double logEvidence, PosteriorSpace space)
    {
        Standardisation units = network.Model.OutputStandardisation;
        int c = units.Width;
        double[] targets = units.Apply(sample.Targets).Values;
        double[] f = new double[targets.Length];
        double[] v = new double[targets.Length];
        double[] source = new double[targets.Length];
        double[] sourceVariances = new double[targets.Length];
        int step = (int)Math.Clamp(ChunkNumbers / NetworkCost.FactorNumbers(network.Model.Spec), 1, 1_024);
        for (int start = 0; start < sample.Rows; start += step)
        {
            int count = Math.Min(step, sample.Rows - start);
            using DisposeScope scope = torch.NewDisposeScope();
            using JacobianFactors at = network.Linearise(sample.Inputs, start, count);
            using PosteriorPrediction prediction = posterior.Predict(at, PredictionKind.Marginal);
            TensorInterop.CopyTo(prediction.Mean, f.AsSpan(start * c, count * c));
            TensorInterop.CopyTo(prediction.Variance!, v.AsSpan(start * c, count * c));
            TensorInterop.CopyTo(at.Output, source.AsSpan(start * c, count * c));
            TaskPosterior.SourceVariances(at, prior).CopyTo(sourceVariances, start * c);
        }

        double leverages = 0;
        var means = new double[targets.Length];
        var variances = new double[targets.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            double noise = prior.NoiseOf(i % c);
            double h = Math.Min(v[i] / noise, MostLeverage);
            leverages += h;
            means[i] = targets[i] - ((targets[i] - f[i]) / (1 - h));
            variances[i] = noise / (1 - h);
        }

        return new AdaptationReport(
            observations,
            logEvidence,
            LeaveOneOut.Score(means, variances, targets).InDataUnits(units),
            LeaveOneOut.Score(source, sourceVariances, targets).InDataUnits(units),
            [.. units.Scale.Select((scale, o) => scale * Math.Sqrt(prior.NoiseOf(o)))],
            leverages / targets.Length * observations,
            space,
            Jitter: 0);
    }
}
