using ScottPlot;
using ScottPlot.AxisPanels;

namespace AdaptCluster.Cli.Figures;

/// <summary>What all plots of all figures share: white, thin grey grid, two spines, one font.</summary>
internal static class FigureStyle
{
    private const float LabelSize = 22;
    private const float TickSize = 19;
    private const float TitleSize = 23;

    /// <summary>Room for five characters, so that panels above each other line up.</summary>
    private const float LeftSize = 116;

    /// <summary>A plot in the figures' style.</summary>
    public static Plot NewPlot(string title, string xLabel, string yLabel)
    {
        FigureFont.EnsureRegistered();
        var plot = new Plot();
        plot.Font.Set(FigureFont.Name);
        plot.FigureBackground.Color = Colors.White;
        plot.DataBackground.Color = Colors.White;
        plot.Axes.Color(FigurePalette.Ink);
        plot.Axes.Title.Label.Text = title;
        plot.Axes.Title.Label.FontSize = TitleSize;
        plot.Axes.Title.Label.Font = Fonts.GetTypeface(FigureFont.Name, bold: true, italic: false);
        plot.Axes.Bottom.Label.Text = xLabel;
        plot.Axes.Left.Label.Text = yLabel;
        Style((AxisBase)plot.Axes.Bottom);
        Style((AxisBase)plot.Axes.Left);

        // Labels are placed by the font's whole height; digits have no descenders and would stand too high.
        plot.Axes.Left.TickLabelStyle.OffsetY = 4;
        plot.Axes.Left.MinimumSize = LeftSize;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Grid.MajorLineColor = FigurePalette.Grid;
        plot.Grid.MajorLineWidth = 1;
        return plot;
    }

    private static void Style(AxisBase axis)
    {
        axis.LabelStyle.FontSize = LabelSize;
        axis.LabelStyle.Bold = false;
        axis.FrameLineStyle.Width = 1.5f;
        axis.MajorTickStyle.Width = 1.5f;
        axis.MajorTickStyle.Length = 6;
        axis.MinorTickStyle.Length = 0;
        axis.TickLabelStyle.FontSize = TickSize;
        axis.PaddingBetweenTickAndAxisLabels = new PixelPadding(14, 14, 10, 10);
        axis.PaddingOutsideAxisLabels = new PixelPadding(8, 8, 6, 6);
    }
}
