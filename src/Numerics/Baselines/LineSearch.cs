namespace AdaptCluster.Numerics.Baselines;

/// <summary>The maximum of a function of one number: the best point of a grid, then a golden section between its neighbours.</summary>
internal static class LineSearch
{
    private static readonly double s_golden = (Math.Sqrt(5) - 1) / 2;

    /// <summary>The argument of the maximum; the best point that was seen.</summary>
    /// <param name="function">What is maximised; values that are no numbers lose.</param>
    /// <param name="low">The first point of the grid.</param>
    /// <param name="high">The last one.</param>
    /// <param name="points">The grid's points, at least 3.</param>
    /// <param name="tolerance">How well the argument is to be known.</param>
    internal static double Maximise(Func<double, double> function, double low, double high, int points, double tolerance)
    {
        double step = (high - low) / (points - 1);
        double best = low;
        double bestValue = double.NegativeInfinity;
        double Seen(double x)
        {
            double value = function(x);
            if (value > bestValue)
            {
                (best, bestValue) = (x, value);
            }

            return value;
        }

        for (int i = 0; i < points; i++)
        {
            Seen(low + (i * step));
        }

        double left = Math.Max(low, best - step);
        double right = Math.Min(high, best + step);
        double inner = right - (s_golden * (right - left));
        double outer = left + (s_golden * (right - left));
        double innerValue = Seen(inner);
        double outerValue = Seen(outer);
        while (right - left > tolerance)
        {
            if (innerValue >= outerValue)
            {
                (right, outer, outerValue) = (outer, inner, innerValue);
                inner = right - (s_golden * (right - left));
                innerValue = Seen(inner);
            }
            else
            {
                (left, inner, innerValue) = (inner, outer, outerValue);
                outer = left + (s_golden * (right - left));
                outerValue = Seen(outer);
            }
        }

        return best;
    }
}
