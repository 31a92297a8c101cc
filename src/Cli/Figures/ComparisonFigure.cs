using ScottPlot;
using ScottPlot.Plottables;

namespace AdaptCluster.Cli.Figures;

/// <summary>
/// Two panels over the number of rows seen: mean squared error (log-log) and mean negative log density (log x). The density panel is cut where methods that
/// are sure of what is wrong would leave no room for the others.
/// </summary>
internal static class ComparisonFigure
{
    /// <summary>Of the image, in pixels.</summary>
    public const int Width = 1800;

    /// <summary>Of the image, in pixels.</summary>
    public const int Height = 760;

    private const string PointsLabel = "rows of the task seen";
    private const double DensityRoom = 0.3; // nats above no adaptation, or above the best where that was not compared

    private static readonly Dictionary<string, (string Label, Color Color, MarkerShape Marker)> s_looks = new(StringComparer.Ordinal)
    {
        ["none"] = ("none", FigurePalette.Grey, MarkerShape.FilledSquare),
        ["mean-shift"] = ("mean shift", FigurePalette.Vermillion, MarkerShape.FilledTriangleUp),
        ["last-layer"] = ("last layer", FigurePalette.Orange, MarkerShape.FilledDiamond),
        ["fine-tune"] = ("fine-tuned", FigurePalette.Purple, MarkerShape.FilledTriangleDown),
        ["rbf"] = ("RBF", FigurePalette.Green, MarkerShape.OpenSquare),
        ["ablr"] = ("ABLR", FigurePalette.Sky, MarkerShape.OpenDiamond),
        ["ntk"] = ("NTK", FigurePalette.Ink, MarkerShape.OpenTriangleUp),
        ["adapted"] = ("adapted", FigurePalette.Blue, MarkerShape.FilledCircle),
        ["chosen"] = ("chosen", FigurePalette.Blue, MarkerShape.OpenCircle),
        ["combined"] = ("combined", FigurePalette.Blue, MarkerShape.Cross),
    };

    /// <summary>Writes the figure as PNG.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="curves">At least one curve, in the order of the legend.</param>
    /// <exception cref="ArgumentException">There is no curve, or an error has no logarithm.</exception>
    /// <exception cref="Tables.TableException">The file cannot be written.</exception>
    public static async Task SaveAsync(string path, IReadOnlyList<ComparisonCurve> curves)
    {
        if (curves.Count == 0 || curves.Any(curve => curve.Points.Length == 0 || curve.Mse.Any(error => !(error > 0))))
        {
            throw new ArgumentException("Every curve needs points with positive errors.", nameof(curves));
        }

        Plot error = Draw("Mean squared error", "mean squared error", curves, curve => [.. curve.Mse.Select(Math.Log10)]);
        FigureTicks.SetLogarithmic(error.Axes.Left, [.. curves.SelectMany(curve => curve.Mse)]);
        Plot density = Draw("Negative log density", "mean negative log density", curves, curve => curve.Nlpd);
        SetDensities(density, curves);
        await FigureFile.SaveAsync(path, [error, density], columns: 2, Width, Height);
    }

    private static void SetDensities(Plot plot, IReadOnlyList<ComparisonCurve> curves)
    {
        double low = curves.Min(curve => curve.Nlpd.Min());
        double reference = (curves.FirstOrDefault(curve => curve.Method == "none") ?? curves.MinBy(curve => curve.Nlpd.Max())!).Nlpd.Max();
        double high = Math.Min(curves.Max(curve => curve.Nlpd.Max()), reference + DensityRoom);
        FigureTicks.SetLinear(plot.Axes.Left, [low, high]);
        double margin = Math.Max(.05 * (high - low), 1e-3);
        plot.Axes.SetLimitsY(low - margin, high + margin);
    }

    private static Plot Draw(string title, string yLabel, IReadOnlyList<ComparisonCurve> curves, Func<ComparisonCurve, double[]> values)
    {
        Plot plot = FigureStyle.NewPlot(title, PointsLabel, yLabel);
        foreach (ComparisonCurve curve in curves)
        {
            (string label, Color color, MarkerShape marker) = s_looks.GetValueOrDefault(curve.Method, (curve.Method, FigurePalette.Grey, MarkerShape.Eks));
            Scatter line = plot.Add.Scatter([.. curve.Points.Select(Math.Log10)], values(curve), color);
            line.LineWidth = 3;
            line.MarkerStyle = new MarkerStyle(marker, 13, color) { LineColor = color, LineWidth = 3 };
            line.LinePattern = curve.Method is "chosen" or "combined" ? LinePattern.Dashed : LinePattern.Solid;
            line.LegendText = label;
        }

        FigureTicks.Set(plot.Axes.Bottom, [.. curves.SelectMany(curve => curve.Points).Distinct().Order()], Math.Log10);
        plot.Axes.Margins(.06, .1);
        return plot;
    }
}
