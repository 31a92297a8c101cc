using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Diagnostics;

/// <summary>Examines a posterior at some of the rows that it has seen: O(m^3) for m of them, whatever the task's size.</summary>
internal sealed class PosteriorDiagnostics(SourceNetwork network, Prior prior, IPredictivePosterior posterior)
{
    private const int SpectrumLength = 32;

    private bool IsIndependent => prior.Coupling == OutputCoupling.Independent && network.Model.Spec.Outputs > 1;

    /// <param name="sample">Rows of the task, seen by the posterior.</param>
    /// <param name="report">Scores of just these rows.</param>
    /// <param name="reference">Rows of the source; null where they are not known.</param>
    internal Diagnosis Examine(TaskData sample, AdaptationReport report, RowMatrix? reference)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using JacobianFactors at = network.Linearise(sample.Inputs);
        double[] eigenvalues = Eigenvalues(at, (double)report.Observations / at.Count);
        (double gain, double error) = Gain(report);
        JacobianSimilarity? similarity = null;
        if (reference is not null)
        {
            using JacobianFactors source = network.Linearise(reference);
            similarity = JacobianSimilarity.Between(at, source, prior);
        }

        return new Diagnosis(
            sample.Rows,
            gain,
            error,
            report.Adapted.MeanSquaredError,
            CalibrationPoint.Curve(report.Adapted),
            LinearisationError(at, sample.Inputs),
            [.. eigenvalues.Take(SpectrumLength)],
            eigenvalues.Sum(value => value / (1 + value)),
            similarity);
    }

    // The mean over the observations of how much more likely each is, and the standard error of that mean.
    private static (double Mean, double Error) Gain(AdaptationReport report)
    {
        double[] gains = [.. Densities(report.Adapted).Zip(Densities(report.SourceOnly), (adapted, source) => adapted - source)];
        double mean = gains.Average();
        double squares = gains.Sum(gain => (gain - mean) * (gain - mean));
        return (mean, gains.Length < 2 ? double.PositiveInfinity : Math.Sqrt(squares / (gains.Length - 1) / gains.Length));
    }

    private static IEnumerable<double> Densities(LeaveOneOut scores) => scores.Targets.Select((target, i) =>
    {
        double error = target - scores.Means[i];
        return -0.5 * ((error * error / scores.Variances[i]) + Math.Log(2 * Math.PI * scores.Variances[i]));
    });

    // Of Sigma^-1/2 K Sigma^-1/2, descending; outputs that are learned apart have a kernel each.
    private double[] Eigenvalues(JacobianFactors at, double share)
    {
        if (!IsIndependent)
        {
            return Descending(Eigenvalues(at, prior), share);
        }

        var all = new List<double>();
        for (int o = 0; o < at.Outputs; o++)
        {
            using JacobianFactors rows = at.OfOutput(o);
            all.AddRange(Eigenvalues(rows, prior.ForOutput(o)));
        }

        return Descending(all, share);
    }

    private static double[] Eigenvalues(JacobianFactors at, Prior prior)
    {
        var weights = new double[at.Count];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = 1 / Math.Sqrt(prior.NoiseOf(i % at.Outputs));
        }

        torch.Tensor column = TensorInterop.FromDoubles(weights, [weights.Length, 1], torch.ScalarType.Float64, at.Device);
        torch.Tensor whitened = PriorFunctions.Covariance(at, prior).mul_(column).mul_(column.t());
        return TensorInterop.ToDoubles(torch.linalg.eigvalsh(whitened));
    }

    private static double[] Descending(IEnumerable<double> values, double share) => [.. values.Select(value => Math.Max(0, value) * share).OrderDescending()];

    private double? LinearisationError(JacobianFactors at, RowMatrix inputs)
    {
        if (network.Model.Weights.Program is not null)
        {
            return null;
        }

        int p = network.Model.Spec.ParameterCount;
        int c = at.Outputs;
        using torch.Tensor changes = posterior.MeanParameters();
        double difference = 0;
        double size = 0;
        for (int part = 0; part * p < changes.numel(); part++)
        {
            torch.Tensor change = changes.narrow(0, (long)part * p, p);
            double[] linear = TensorInterop.ToDoubles(at.Apply(change.to(at.DType).view(-1, 1)));
            if (Moved(change, inputs) is not { } moved)
            {
                return null;
            }

            double[] still = TensorInterop.ToDoubles(at.Output);
            for (int i = 0; i < linear.Length; i++)
            {
                if (IsIndependent && i % c != part)
                {
                    continue;
                }

                double off = moved[i] - still[i] - linear[i];
                difference += off * off;
                size += linear[i] * linear[i];
            }
        }

        return size > 0 ? Math.Sqrt(difference / size) : null;
    }

    // The outputs of the network with other weights, standardised; null where it overflows with them.
    private double[]? Moved(torch.Tensor change, RowMatrix inputs)
    {
        using SourceNetwork moved = network.Moved(change);
        try
        {
            return network.Model.OutputStandardisation.Apply(moved.Evaluate(inputs)).Values;
        }
        catch (NonFiniteOutputException)
        {
            return null;
        }
    }
}
