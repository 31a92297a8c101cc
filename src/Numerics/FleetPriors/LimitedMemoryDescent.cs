namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>Minimises a function of many variables from its gradients, one step at a time.</summary>
/// <remarks>
/// Nocedal and Wright, <em>Numerical Optimization</em>, 2006, algorithms 7.4 and 3.1. Deviation: backtracking instead of a Wolfe search, so a step is one
/// evaluation nearly always; a pair without positive curvature is not remembered.
/// </remarks>
internal sealed class LimitedMemoryDescent
{
    private const int Memory = 12;
    private const int MostTrials = 12;
    private const double FirstStep = 0.1; // the length of the first step, when nothing is known of the curvature
    private const double Sufficient = 1e-4;
    private readonly Func<double[], (double Value, double[] Gradient)?> _evaluate;
    private readonly List<(double[] Step, double[] Change, double Inverse)> _pairs = [];
    private double[] _gradient;

    /// <param name="evaluate">Value and gradient; null where there is none, which is then stepped back from.</param>
    /// <param name="start">Where to start; it is not changed.</param>
    /// <exception cref="ArgumentException">There is no value at the start.</exception>
    internal LimitedMemoryDescent(Func<double[], (double Value, double[] Gradient)?> evaluate, double[] start)
    {
        _evaluate = evaluate;
        X = start;
        (Value, _gradient) = evaluate(start) ?? throw new ArgumentException("There is no value at the start.", nameof(start));
    }

    /// <summary>The best point so far; a new array for every one.</summary>
    internal double[] X { get; private set; }

    /// <summary>The value there.</summary>
    internal double Value { get; private set; }

    /// <summary>One step.</summary>
    /// <returns>Whether it led down.</returns>
    internal bool Step()
    {
        double[] direction = Direction();
        double slope = PackedMatrix.Dot(direction, _gradient);
        if (!(slope < 0))
        {
            return false;
        }

        double length = _pairs.Count > 0 ? 1 : FirstStep / Math.Sqrt(PackedMatrix.Dot(_gradient, _gradient));
        for (int trial = 0; trial < MostTrials; trial++, length *= 0.3)
        {
            double[] next = [.. X];
            PackedMatrix.AddScaled(direction, length, next);
            if (_evaluate(next) is { } at && at.Value <= Value + (Sufficient * length * slope))
            {
                Remember(next, at.Gradient);
                (X, Value, _gradient) = (next, at.Value, at.Gradient);
                return true;
            }
        }

        return false;
    }

    private double[] Direction()
    {
        double[] q = [.. _gradient];
        var weights = new double[_pairs.Count];
        for (int i = _pairs.Count - 1; i >= 0; i--)
        {
            weights[i] = _pairs[i].Inverse * PackedMatrix.Dot(_pairs[i].Step, q);
            PackedMatrix.AddScaled(_pairs[i].Change, -weights[i], q);
        }

        if (_pairs.Count > 0)
        {
            (double[] step, double[] change, _) = _pairs[^1];
            PackedMatrix.Scale(q, PackedMatrix.Dot(step, change) / PackedMatrix.Dot(change, change));
        }

        for (int i = 0; i < _pairs.Count; i++)
        {
            double weight = _pairs[i].Inverse * PackedMatrix.Dot(_pairs[i].Change, q);
            PackedMatrix.AddScaled(_pairs[i].Step, weights[i] - weight, q);
        }

        PackedMatrix.Scale(q, -1);
        return q;
    }

    private void Remember(double[] next, double[] gradient)
    {
        double[] step = [.. next];
        PackedMatrix.AddScaled(X, -1, step);
        double[] change = [.. gradient];
        PackedMatrix.AddScaled(_gradient, -1, change);
        double curvature = PackedMatrix.Dot(step, change);
        if (curvature > 1e-10 * Math.Sqrt(PackedMatrix.Dot(step, step) * PackedMatrix.Dot(change, change)))
        {
            if (_pairs.Count == Memory)
            {
                _pairs.RemoveAt(0);
            }

            _pairs.Add((step, change, 1 / curvature));
        }
    }
}
