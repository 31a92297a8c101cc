using ScottPlot;
using ScottPlot.Plottables;

namespace AdaptCluster.Cli.Figures;

/// <summary>
/// Four new tasks of a family of sinusoids: what the source network says before it has seen them, and what the
/// adapted model says, with its 95% band, after a few points of each.
/// </summary>
internal static class SinusoidsFigure
{
    /// <summary>Of the image, in pixels.</summary>
    public const int Width = 1600;

    /// <summary>Of the image, in pixels.</summary>
    public const int Height = 1100;

    private const int Columns = 2;

    /// <summary>Writes the figure as PNG.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="panels">One to four panels.</param>
    /// <exception cref="ArgumentException">There is no panel or more than four, or the lengths of a panel's arrays differ.</exception>
    /// <exception cref="Tables.TableException">The file cannot be written.</exception>
    public static async Task SaveAsync(string path, IReadOnlyList<SinusoidPanel> panels)
    {
        if (panels.Count is < 1 or > 4)
        {
            throw new ArgumentException($"The figure has 1 to 4 panels, not {panels.Count}.");
        }

        foreach (SinusoidPanel panel in panels)
        {
            panel.Validate();
        }

        await FigureFile.SaveAsync(path, [.. panels.Select(Draw)], Columns, Width, Height);
    }

    private static Plot Draw(SinusoidPanel panel)
    {
        Plot plot = FigureStyle.NewPlot(panel.Title, "x", "y");
        FillY band = plot.Add.FillY(panel.Grid, panel.Lower, panel.Upper);
        band.FillColor = FigurePalette.LightBlue;
        band.LineWidth = 0;
        band.MarkerSize = 0;
        band.LegendText = "95% band";
        Line(plot, panel.Grid, panel.Source, FigurePalette.Grey, LinePattern.Solid, "source network");
        Line(plot, panel.Grid, panel.Truth, FigurePalette.Ink, LinePattern.Dashed, "ground truth");
        Line(plot, panel.Grid, panel.Mean, FigurePalette.Blue, LinePattern.Solid, "adapted mean");
        Scatter data = plot.Add.ScatterPoints(panel.DataX, panel.DataY);
        data.MarkerShape = MarkerShape.FilledCircle;
        data.MarkerSize = 13;
        data.MarkerFillColor = FigurePalette.Vermillion;
        data.MarkerLineColor = Colors.White;
        data.MarkerLineWidth = 1.5f;
        data.LegendText = "transfer data";
        FigureTicks.SetLinear(plot.Axes.Bottom, panel.Grid);
        FigureTicks.SetLinear(plot.Axes.Left, [.. Everything(panel)]);
        plot.Axes.SetLimits(panel.Grid[0], panel.Grid[^1], Bottom(panel), Top(panel));
        return plot;
    }

    private static void Line(Plot plot, double[] x, double[] y, Color color, LinePattern pattern, string label)
    {
        Scatter line = plot.Add.ScatterLine(x, y, color);
        line.LineWidth = 3;
        line.LinePattern = pattern;
        line.LegendText = label;
    }

    private static double Bottom(SinusoidPanel panel) => Everything(panel).Min() - (.06 * Range(panel));

    private static double Top(SinusoidPanel panel) => Everything(panel).Max() + (.06 * Range(panel));

    private static double Range(SinusoidPanel panel) => Math.Max(1e-9, Everything(panel).Max() - Everything(panel).Min());

    private static IEnumerable<double> Everything(SinusoidPanel panel) =>
        [.. panel.Truth, .. panel.Source, .. panel.Lower, .. panel.Upper, .. panel.DataY];
}
