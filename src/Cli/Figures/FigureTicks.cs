using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace AdaptCluster.Cli.Figures;

/// <summary>Tick labels that a reader would have chosen: few, round, all with the same number of decimals.</summary>
internal static class FigureTicks
{
    private const int MostIntervals = 6;

    /// <summary>Round numbers over the range of the values, on a linear axis.</summary>
    public static void SetLinear(IAxis axis, IReadOnlyCollection<double> values) =>
        Set(axis, Round(values.Min(), values.Max()), value => value);

    /// <summary>Round numbers over the range of the values, on an axis whose coordinates are common logarithms.</summary>
    public static void SetLogarithmic(IAxis axis, IReadOnlyCollection<double> values)
    {
        (double low, double high) = (values.Min(), values.Max());
        double[] ticks = high > 20 * low ? [.. OneTwoFive().Where(tick => tick >= low / 2 && tick <= 2 * high)] : Round(low, high);
        Set(axis, [.. ticks.Where(tick => tick > 0)], Math.Log10);
    }

    /// <summary>These numbers and no others.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="values">The numbers to label.</param>
    /// <param name="position">Where on the axis a number stands: the identity, or a logarithm.</param>
    public static void Set(IAxis axis, double[] values, Func<double, double> position)
    {
        int decimals = values.Max(Decimals);
        string format = values.Max(Math.Abs) is >= 1e6 or < 1e-4 ? "0.##e+0" : $"F{decimals}";
        axis.TickGenerator = new NumericManual(
            Array.ConvertAll(values, value => position(value)),
            Array.ConvertAll(values, value => value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−')));
    }

    /// <summary>Multiples of the smallest 1-2-5 step that has at most six of them in the range, one beyond each end.</summary>
    private static double[] Round(double low, double high)
    {
        double range = high > low ? high - low : Math.Max(Math.Abs(low), 1);
        double step = OneTwoFive().First(step => range / step <= MostIntervals);
        int first = (int)Math.Floor(low / step);
        int last = (int)Math.Ceiling(high / step);
        return [.. Enumerable.Range(first, last - first + 1).Select(i => Math.Round(i * step, 12))];
    }

    private static IEnumerable<double> OneTwoFive() =>
        Enumerable.Range(-12, 27).SelectMany(power => new[] { 1d, 2, 5 }.Select(digit => Math.Round(digit * Math.Pow(10, power), 12)));

    private static int Decimals(double value)
    {
        int decimals = 0;
        while (decimals < 6 && Math.Abs(value - Math.Round(value, decimals)) > 1e-9 * Math.Max(1, Math.Abs(value)))
        {
            decimals++;
        }

        return decimals;
    }
}
