using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using MathNet.Numerics.LinearAlgebra;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// The negative log evidence per observation as a function of x = (log theta..., log sigma^2...), with soft bounds: beyond a factor of e^18 from
/// its start a parameter pays a quadratic penalty, so that a block the data say nothing about drifts to a small scale and not to zero.
/// </summary>
internal sealed class FleetObjective
{
    private const double Reach = 18;
    private const double Stiffness = 0.01;
    private readonly IFleetEvidence _evidence;
    private readonly NetworkSpec _spec;
    private readonly FleetFitOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly int _scales;
    private readonly Vector<double> _centre;

    internal FleetObjective(IFleetEvidence evidence, NetworkSpec spec, FleetFitOptions options, CancellationToken cancellation)
    {
        _evidence = evidence;
        _spec = spec;
        _options = options;
        _cancellation = cancellation;
        _scales = options.Scales == FleetScales.Single ? 1 : spec.Blocks.Length;
        _centre = Vector<double>.Build.DenseOfArray(StartingPoint(evidence.Summary));
    }

    /// <summary>Where a fit starts.</summary>
    internal Vector<double> Start => _centre;

    internal int Evaluations { get; private set; }

    /// <summary>The fleet there; null where the covariance of a task cannot be factorised or a number overflows.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    internal FleetPoint? TryEvaluate(Vector<double> x)
    {
        _cancellation.ThrowIfCancellationRequested();
        Evaluations++;
        Prior prior = PriorAt(x);
        if (prior.BlockScales.Concat(prior.NoiseVariance).Any(v => !double.IsFinite(v)) || prior.NoiseVariance.Any(v => v <= 0))
        {
            return null;
        }

        FleetEvidenceValue value = _evidence.Evaluate(prior);
        return double.IsFinite(value.Sum.LogEvidence) ? Point(x, value) : null;
    }

    /// <summary>The tasks at the start of a fit whose evidence is not a number.</summary>
    internal IReadOnlyList<ExcludedTask> Unusable(Vector<double> x) =>
        FleetScreen.ByEvidence(_evidence.Evaluate(PriorAt(x)).Tasks);

    internal Prior PriorAt(Vector<double> x)
    {
        ImmutableArray<double> scales = [.. _spec.Blocks.Select((_, b) => Math.Exp(x[_scales == 1 ? 0 : b]))];
        ImmutableArray<double> noise = [.. x.Skip(_scales).Select(v => Math.Exp(v))];
        return new Prior(scales, noise, _options.Mean) { Coupling = _options.Coupling };
    }

    private FleetPoint Point(Vector<double> x, FleetEvidenceValue value)
    {
        double n = value.Sum.Observations;
        double cost = -value.Sum.LogEvidence / n;
        Vector<double> gradient = Collapse(value.Sum.Gradient) / -n;
        Matrix<double> curvature = Collapse(value.Information) / n;
        for (int i = 0; i < x.Count; i++)
        {
            double excess = Math.Max(0, Math.Abs(x[i] - _centre[i]) - Reach) * Math.Sign(x[i] - _centre[i]);
            cost += 0.5 * Stiffness * excess * excess;
            gradient[i] += Stiffness * excess;
            curvature[i, i] += excess == 0 ? 0 : Stiffness;
        }

        return new FleetPoint(x, cost, gradient, curvature, value.Sum.LogEvidence / n, value.Tasks);
    }

    // One scale for all blocks: derivatives with respect to its logarithm are sums.
    private Vector<double> Collapse(EvidenceGradient gradient)
    {
        IEnumerable<double> scales = _scales == 1 ? [gradient.LogBlockScales.Sum()] : gradient.LogBlockScales;
        return Vector<double>.Build.DenseOfEnumerable(scales.Concat(gradient.LogNoiseVariance));
    }

    private Matrix<double> Collapse(ImmutableArray<double> information)
    {
        int q = (int)Math.Sqrt(information.Length);
        int merged = _spec.Blocks.Length - _scales;
        Matrix<double> result = Matrix<double>.Build.Dense(q - merged, q - merged);
        for (int a = 0; a < q; a++)
        {
            for (int b = 0; b < q; b++)
            {
                result[Index(a), Index(b)] += information[(a * q) + b];
            }
        }

        return result;

        int Index(int i) => i < _spec.Blocks.Length ? Math.Min(i, _scales - 1) : i - merged;
    }

    // The noise explains 80% of the residual variance, every block the same part of the other 20%.
    private double[] StartingPoint(FleetSummary summary)
    {
        double residual = Math.Max(summary.MeanSquares / summary.Observations, 1e-12);
        double[] blocks = [.. summary.BlockVariances.Select(v => Math.Max(v / summary.Observations, 1e-12))];
        double[] scales = _scales == 1
            ? [0.2 * residual / blocks.Sum()]
            : Array.ConvertAll(blocks, v => 0.2 * residual / blocks.Length / v);
        int noises = _options.NoisePerOutput ? _spec.Outputs : 1;
        return [.. scales.Concat(Enumerable.Repeat(0.8 * residual, noises)).Select(v => Math.Log(v))];
    }
}
