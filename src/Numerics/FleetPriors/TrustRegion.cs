using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Minimises with steps of a quadratic model within a radius. All parameters are logarithms, so one radius suits them all.
/// </summary>
/// <remarks>
/// Nocedal and Wright, <em>Numerical Optimization</em>, 2006, algorithms 4.1 and 4.3. Deviation: the model's matrix is decomposed into eigenvectors, so the
/// multiplier of the radius is found by bisection without further factorisations; with some dozen parameters that is nothing.
/// </remarks>
internal sealed class TrustRegion(Func<Vector<double>, FleetPoint?> evaluate, FleetPoint start, double tolerance)
{
    private const double LargestRadius = 4; // a factor of e^4 = 55 in a scale
    private const double SmallestRadius = 1e-7;
    private const double SmallestGain = 1e-14; // of the objective, relative: rounding
    private double _radius = 2;

    /// <summary>The best point so far.</summary>
    internal FleetPoint Best { get; private set; } = start;

    internal bool IsConverged => Best.GradientNorm <= tolerance;

    /// <summary>Whether no step gains anything that rounding would not hide.</summary>
    internal bool IsStalled { get; private set; }

    /// <summary>One step: one evaluation.</summary>
    internal void Step()
    {
        (Vector<double> step, double predicted) = Model();
        if (predicted <= SmallestGain * Math.Max(1, Math.Abs(Best.Cost)) || _radius < SmallestRadius)
        {
            IsStalled = true;
            return;
        }

        FleetPoint? trial = evaluate(Best.X + step);
        double ratio = trial is null ? double.NegativeInfinity : (Best.Cost - trial.Cost) / predicted;
        double length = step.L2Norm();
        if (!(ratio > 0.25))
        {
            _radius = length / 4;
        }
        else if (ratio > 0.75 && length > 0.9 * _radius)
        {
            _radius = Math.Min(2 * _radius, LargestRadius);
        }

        if (ratio > 0)
        {
            Best = trial!;
        }
    }

    // The minimiser of g^T s + 1/2 s^T H s with |s| at most the radius, and how much it promises.
    private (Vector<double> Step, double Predicted) Model()
    {
        Evd<double> decomposition = Best.Curvature.Evd(Symmetricity.Symmetric);
        Vector<double> slope = decomposition.EigenVectors.TransposeThisAndMultiply(Best.Gradient);
        double[] curvature = [.. decomposition.EigenValues.Select(value => Math.Max(0, value.Real))];
        double shift = 0;
        if (!(Length(slope, curvature, 0) <= _radius))
        {
            double low = 0;
            double high = Best.Gradient.L2Norm() / _radius;
            for (int i = 0; i < 60; i++)
            {
                shift = 0.5 * (low + high);
                (low, high) = Length(slope, curvature, shift) > _radius ? (shift, high) : (low, shift);
            }

            shift = high;
        }

        Vector<double> along = slope.MapIndexed((i, g) => g == 0 ? 0 : -g / (curvature[i] + shift));
        double predicted = 0;
        for (int i = 0; i < along.Count; i++)
        {
            predicted -= (slope[i] * along[i]) + (0.5 * curvature[i] * along[i] * along[i]);
        }

        return (decomposition.EigenVectors * along, predicted);
    }

    private static double Length(Vector<double> slope, double[] curvature, double shift)
    {
        double squares = 0;
        for (int i = 0; i < curvature.Length; i++)
        {
            double step = slope[i] == 0 ? 0 : slope[i] / (curvature[i] + shift);
            squares += step * step;
        }

        return Math.Sqrt(squares);
    }
}
