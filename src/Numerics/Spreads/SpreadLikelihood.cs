using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Priors;
using MathNet.Numerics.LinearAlgebra;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// The evidence of a fleet's tasks as a function of x = (log s_a, log s_b, log of the mean noise factor, log of the mean scale factor), each task's own noise and
/// scale integrated over. One task in fifty may be anything: it counts under a broad distribution instead, so that tasks far away do not widen the
/// spread of the others.
/// </summary>
internal sealed class SpreadLikelihood
{
    /// <summary>A spread below it is none: less than a twentieth of the noise variance is nothing to learn a task's own for.</summary>
    internal const double Least = 0.05;

    /// <summary>The largest spread: one task in three with a noise variance beyond a factor of e^3 either way.</summary>
    internal const double Most = 3;

    private const double Strangers = 0.02;
    private const double Stiffness = 0.1; // of the soft bounds on the logarithms of the spreads
    private readonly TaskSpectra[] _tasks;
    private readonly double _trust;
    private readonly double[] _broad;
    private readonly SpreadMode?[] _modes;
    private readonly double _weight;

    internal SpreadLikelihood(TaskSpectra[] tasks, double trust)
    {
        _tasks = tasks;
        _trust = trust;
        _modes = new SpreadMode?[tasks.Length];
        _weight = tasks.Sum(task => task.Weight);
        var anything = new SpreadPrior(0, Most, 0, Most, trust);
        _broad = Array.ConvertAll(tasks, task => SpreadMoments.Of(task.Whole, 1, 1, anything, SpreadMode.Find(task.Whole, 1, 1, anything)).LogEvidence);
    }

    internal static Vector<double> Start { get; } = Vector<double>.Build.Dense([Math.Log(0.3), Math.Log(0.3), 0, 0]);

    /// <summary>The spread of a point, and the fleet's mean factors.</summary>
    internal (TaskSpread Spread, TaskFactors Centre) At(Vector<double> x)
    {
        double noise = Math.Exp(x[0]) < Least ? 0 : Math.Min(Math.Exp(x[0]), Most);
        double scale = Math.Exp(x[1]) < Least ? 0 : Math.Min(Math.Exp(x[1]), Most);
        return noise == 0 && scale == 0
            ? (TaskSpread.None, TaskFactors.Fleet)
            : (new TaskSpread(noise, scale, _trust), new TaskFactors(Math.Exp(x[2]), Math.Exp(x[3])));
    }

    /// <summary>The negative log evidence per task, with its gradient and the covariance of the tasks' gradients as its curvature.</summary>
    /// <remarks>Berndt, Hall, Hall and Hausman, <em>Estimation and inference in nonlinear structural models</em>, 1974.</remarks>
    internal FleetPoint? Evaluate(Vector<double> x)
    {
        double noise = Math.Exp(x[0]);
        double scale = Math.Exp(x[1]);
        if (!(noise is > 1e-6 and < 100) || !(scale is > 1e-6 and < 100) || Math.Abs(x[2]) > SpreadMode.Reach || Math.Abs(x[3]) > SpreadMode.Reach)
        {
            return null;
        }

        SpreadPrior prior = SpreadPrior.Of(new TaskSpread(noise, scale, _trust));
        double cost = 0;
        var gradient = new double[4];
        var curvature = new double[16];
        Span<double> own = stackalloc double[4];
        for (int t = 0; t < _tasks.Length; t++)
        {
            double weight = _tasks[t].Weight / _weight;
            if (weight == 0)
            {
                continue;
            }

            SpreadMode mode = SpreadMode.Find(_tasks[t].Whole, Math.Exp(x[3]), Math.Exp(x[2]), prior, _modes[t]);
            _modes[t] = mode;
            SpreadMoments moments = SpreadMoments.Of(_tasks[t].Whole, Math.Exp(x[3]), Math.Exp(x[2]), prior, mode);
            (double total, double usual) = Mix(moments.LogEvidence, _broad[t]);
            cost -= weight * total;
            Slope(own, moments, prior, usual);
            for (int i = 0; i < 4; i++)
            {
                gradient[i] -= weight * own[i];
                for (int j = 0; j < 4; j++)
                {
                    curvature[(4 * i) + j] += weight * own[i] * own[j];
                }
            }
        }

        return double.IsFinite(cost) ? Bounded(x, cost, gradient, curvature) : null;
    }

    // log((1 - e) Z + e Z0), and the probability that the task is no stranger.
    private static (double Total, double Usual) Mix(double own, double broad)
    {
        double usual = Math.Log(1 - Strangers) + own;
        double strange = Math.Log(Strangers) + broad;
        double most = Math.Max(usual, strange);
        double total = most + Math.Log(Math.Exp(usual - most) + Math.Exp(strange - most));
        return (total, Math.Exp(usual - total));
    }

    // With z = a - centre and centre = -s^2/2: d/dlog s of log N is z^2/s^2 - 1 - z, and moving the mean by one moves z by one.
    private static void Slope(Span<double> slope, in SpreadMoments moments, in SpreadPrior prior, double share)
    {
        double noise = prior.NoiseDeviation * prior.NoiseDeviation;
        double scale = prior.ScaleDeviation * prior.ScaleDeviation;
        slope[0] = share * ((moments.NoiseSquare / noise) - 1 - (moments.Noise - prior.NoiseCentre));
        slope[1] = share * ((moments.ScaleSquare / scale) - 1 - (moments.Scale - prior.ScaleCentre));
        slope[2] = share * (moments.Noise - prior.NoiseCentre) / noise;
        slope[3] = share * (moments.Scale - prior.ScaleCentre) / scale;
    }

    private static FleetPoint Bounded(Vector<double> x, double cost, double[] gradient, double[] curvature)
    {
        for (int i = 0; i < 2; i++)
        {
            double excess = Math.Min(0, x[i] - Math.Log(Least / 2)) + Math.Max(0, x[i] - Math.Log(Most));
            cost += 0.5 * Stiffness * excess * excess;
            gradient[i] += Stiffness * excess;
            curvature[5 * i] += excess == 0 ? 0 : Stiffness;
        }

        return new FleetPoint(x, cost, Vector<double>.Build.Dense(gradient), Matrix<double>.Build.Dense(4, 4, curvature), -cost, []);
    }
}
