using System.Collections.Immutable;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using MathNet.Numerics.LinearAlgebra;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// The negative log evidence per observation as a function of x = (log theta..., log sigma^2...), with soft bounds: beyond a factor of e^18 from
/// its start a parameter pays a quadratic penalty, so that a block the data say nothing about drifts to a small scale and not to zero.
/// Remembers the best point.
/// </summary>
internal sealed class FleetObjective
{
    private const double Reach = 18;
    private const double Stiffness = 0.01;
    private const double Refused = 1e6; // what a point costs whose covariance cannot be factorised
    private readonly IFleetEvidence _evidence;
    private readonly NetworkSpec _spec;
    private readonly FleetFitOptions _options;
    private readonly IProgress<FleetFitProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly int _scales;

    internal FleetObjective(IFleetEvidence evidence, NetworkSpec spec, FleetFitOptions options, IProgress<FleetFitProgress>? progress, CancellationToken cancellation)
    {
        _evidence = evidence;
        _spec = spec;
        _options = options;
        _progress = progress;
        _cancellation = cancellation;
        _scales = options.Scales == FleetScales.Single ? 1 : spec.Blocks.Length;
        Start = Vector<double>.Build.DenseOfArray(StartingPoint(evidence.Summary));
        Best = Start;
    }

    internal Vector<double> Start { get; }

    internal Vector<double> Best { get; private set; }

    internal double BestValue { get; private set; } = double.PositiveInfinity;

    internal double BestGradientNorm { get; private set; } = double.PositiveInfinity;

    /// <summary>The log evidence per observation at the best point, without the penalty.</summary>
    internal double BestEvidence { get; private set; } = double.NegativeInfinity;

    internal double InitialEvidence { get; private set; } = double.NaN;

    internal int Evaluations { get; private set; }

    internal int Improvements { get; private set; }

    internal (double Value, Vector<double> Gradient) Evaluate(Vector<double> x)
    {
        _cancellation.ThrowIfCancellationRequested();
        Evaluations++;
        EvidenceValue? evidence = TryEvaluate(PriorAt(x));
        if (evidence is null)
        {
            return (Refused, Vector<double>.Build.Dense(x.Count));
        }

        double n = evidence.Observations;
        double value = -evidence.LogEvidence / n;
        Vector<double> gradient = Gradient(evidence.Gradient) / -n;
        for (int i = 0; i < x.Count; i++)
        {
            double excess = Math.Max(0, Math.Abs(x[i] - Start[i]) - Reach) * Math.Sign(x[i] - Start[i]);
            value += 0.5 * Stiffness * excess * excess;
            gradient[i] += Stiffness * excess;
        }

        Remember(x, value, gradient, evidence.LogEvidence / n);
        return (value, gradient);
    }

    internal Prior PriorAt(Vector<double> x)
    {
        ImmutableArray<double> scales = [.. _spec.Blocks.Select((_, b) => Math.Exp(x[_scales == 1 ? 0 : b]))];
        ImmutableArray<double> noise = [.. x.Skip(_scales).Select(v => Math.Exp(v))];
        return new Prior(scales, noise, _options.Mean) { Coupling = _options.Coupling };
    }

    private EvidenceValue? TryEvaluate(Prior prior)
    {
        try
        {
            prior.Validate(_spec);
            EvidenceValue value = _evidence.Evaluate(prior);
            return double.IsFinite(value.LogEvidence) ? value : null;
        }
        catch (Exception e) when (e is NotPositiveDefiniteException or ArgumentException && Evaluations > 1)
        {
            // A trial step of the line search went too far: the point is refused, the search goes on. At the start it is a real error.
            return null;
        }
    }

    private void Remember(Vector<double> x, double value, Vector<double> gradient, double evidence)
    {
        InitialEvidence = double.IsNaN(InitialEvidence) ? evidence : InitialEvidence;
        if (value < BestValue)
        {
            Improvements++;
            Best = x.Clone();
            BestValue = value;
            BestEvidence = evidence;
            BestGradientNorm = gradient.InfinityNorm();
        }

        _progress?.Report(new FleetFitProgress(Evaluations, BestEvidence, BestGradientNorm));
    }

    private Vector<double> Gradient(EvidenceGradient gradient)
    {
        IEnumerable<double> scales = _scales == 1 ? [gradient.LogBlockScales.Sum()] : gradient.LogBlockScales;
        return Vector<double>.Build.DenseOfEnumerable(scales.Concat(gradient.LogNoiseVariance));
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
