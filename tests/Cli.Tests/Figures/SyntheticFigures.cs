using AdaptCluster.Cli.Figures;

namespace AdaptCluster.Cli.Tests.Figures;

/// <summary>Plausible contents for the figures.</summary>
internal static class SyntheticFigures
{
    public static SinusoidPanel[] Sinusoids() => [Panel(4.1, .4, .7), Panel(.8, 2, 1.9), Panel(2.2, 4, 1.2), Panel(3.3, 5.5, .55)];

    public static LearningCurve[] Curves()
    {
        double[] points = [5, 20, 50, 200, 1000];
        return
        [
            new(LearningCurveMethod.None, points, [612, 611, 609, 607, 604], [4.62, 4.62, 4.615, 4.615, 4.61]),
            new(LearningCurveMethod.MeanShift, points, [690, 625, 611, 603, 596], [4.70, 4.64, 4.617, 4.607, 4.60]),
            new(LearningCurveMethod.Adapted, points, [608, 604, 600, 592, 580], [4.61, 4.605, 4.60, 4.59, 4.577]),
        ];
    }

    private static SinusoidPanel Panel(double amplitude, double phase, double frequency)
    {
        double[] x = [.. Enumerable.Range(0, 201).Select(i => -5 + (i * .05))];
        double[] dataX = [.. Enumerable.Range(0, 10).Select(i => -4.4 + (i * .83) + (.2 * Math.Sin(7 * i)))];
        double[] dataY = [.. dataX.Select((v, i) => True(v) + (.1 * Math.Cos(5 * i)))];
        double[] mean = [.. x.Select(v => True(v) + (.25 * Math.Sin(3 * v) * (1 + Math.Max(0, v - 3))))];
        double[] sd = [.. x.Select(v => .1 + (.25 * dataX.Min(d => Math.Abs(d - v))))];
        return new SinusoidPanel(
            $"A = {amplitude}, w = {frequency}",
            x,
            [.. x.Select(True)],
            [.. x.Select(v => .6 * Math.Sin(v))],
            mean,
            [.. mean.Zip(sd, (m, s) => m - (1.96 * s))],
            [.. mean.Zip(sd, (m, s) => m + (1.96 * s))],
            dataX,
            dataY);

        double True(double v) => amplitude * Math.Sin((frequency * v) + phase);
    }
}
