using ScottPlot;
using ScottPlot.Plottables;

namespace AdaptCluster.Cli.Figures;

/// <summary>Iterations of conjugate gradients over the noise, log-log; an open marker is a solve that did not converge and says so.</summary>
internal static class IterationsFigure
{
    private const int Width = 1600;
    private const int Height = 800;

    private static readonly (Color Color, MarkerShape Filled, MarkerShape Open)[] s_looks =
    [
        (FigurePalette.Grey, MarkerShape.FilledSquare, MarkerShape.OpenSquare),
        (FigurePalette.Blue, MarkerShape.FilledCircle, MarkerShape.OpenCircle),
        (FigurePalette.Orange, MarkerShape.FilledDiamond, MarkerShape.OpenDiamond),
        (FigurePalette.Vermillion, MarkerShape.FilledTriangleUp, MarkerShape.OpenTriangleUp),
    ];

    /// <summary>Writes the figure as PNG.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="curves">One to four curves.</param>
    /// <exception cref="Tables.TableException">The file cannot be written.</exception>
    public static async Task SaveAsync(string path, IReadOnlyList<IterationCurve> curves)
    {
        Plot plot = FigureStyle.NewPlot(
            "Iterations to a relative residual of 1e-6 (open: not converged, and said so)", "noise variance over the kernel's mean diagonal", "iterations");
        for (int i = 0; i < curves.Count; i++)
        {
            Draw(plot, curves[i], s_looks[i]);
        }

        double[] iterations = [.. curves.SelectMany(curve => curve.Points).Select(point => (double)Math.Max(1, point.Iterations))];
        FigureTicks.SetLogarithmic(plot.Axes.Left, iterations);
        double[] noises = [.. curves.SelectMany(curve => curve.Points).Select(point => point.Noise).Distinct().Order()];
        plot.Axes.Bottom.SetTicks([.. noises.Select(Math.Log10)], [.. noises.Select(noise => noise.ToString("0.######"))]);
        plot.Axes.Margins(.06, .1);
        await FigureFile.SaveAsync(path, [plot], columns: 1, Width, Height);
    }

    private static void Draw(Plot plot, IterationCurve curve, (Color Color, MarkerShape Filled, MarkerShape Open) look)
    {
        double[] x = [.. curve.Points.Select(point => Math.Log10(point.Noise))];
        double[] y = [.. curve.Points.Select(point => Math.Log10(Math.Max(1, point.Iterations)))];
        Scatter line = plot.Add.Scatter(x, y, look.Color);
        line.LineWidth = 3;
        line.MarkerSize = 0;
        line.LegendText = curve.Name;
        for (int i = 0; i < x.Length; i++)
        {
            Marker marker = plot.Add.Marker(x[i], y[i], curve.Points[i].Converged ? look.Filled : look.Open, 13, look.Color);
            marker.MarkerStyle.LineWidth = 3;
        }
    }
}
