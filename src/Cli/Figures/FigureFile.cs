using AdaptCluster.Cli.Tables;
using ScottPlot;
using SkiaSharp;

namespace AdaptCluster.Cli.Figures;

/// <summary>Draws plots side by side on one white image, a shared legend below them, and writes it as PNG.</summary>
internal static class FigureFile
{
    private const int LegendHeight = 64;
    private const int Gap = 10;
    private const float LegendFontSize = 21;

    /// <param name="path">The file to write, ending in .png.</param>
    /// <param name="plots">The plots, row by row.</param>
    /// <param name="columns">The number of plots in a row.</param>
    /// <param name="width">Of the image, in pixels.</param>
    /// <param name="height">Of the image, in pixels, legend included.</param>
    /// <exception cref="TableException">The file cannot be written.</exception>
    public static async Task SaveAsync(string path, IReadOnlyList<Plot> plots, int columns, int width, int height)
    {
        byte[] png = Render(plots, columns, width, height);
        await ReplacedFile.WriteAsync(path, async stream => await stream.WriteAsync(png));
    }

    private static byte[] Render(IReadOnlyList<Plot> plots, int columns, int width, int height)
    {
        int rows = (plots.Count + columns - 1) / columns;
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul));
        surface.Canvas.Clear(SKColors.White);
        int plotHeight = (height - LegendHeight) / rows;
        int plotWidth = width / columns;
        for (int i = 0; i < plots.Count; i++)
        {
            int left = i % columns * plotWidth;
            int top = i / columns * plotHeight;
            plots[i].HideLegend();

            // Rendering clears the canvas: the clip keeps that to the plot's own place.
            surface.Canvas.Save();
            surface.Canvas.ClipRect(new SKRect(left, top, left + plotWidth, top + plotHeight));
            plots[i].Render(surface.Canvas, new PixelRect(left, left + plotWidth - Gap, top + plotHeight - Gap, top + Gap));
            surface.Canvas.Restore();
        }

        DrawLegend(surface.Canvas, plots[0], width, height);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return data.ToArray();
    }

    private static void DrawLegend(SKCanvas canvas, Plot plot, int width, int height)
    {
        Legend legend = plot.Legend;
        legend.Orientation = Orientation.Horizontal;
        legend.FontName = FigureFont.Name;
        legend.FontSize = LegendFontSize;
        legend.FontColor = FigurePalette.Ink;
        legend.TightHorizontalWrapping = true;
        legend.SymbolWidth = 56;
        legend.SymbolPadding = 10;
        legend.InterItemPadding = new PixelPadding(22, 22, 4, 4);
        legend.OutlineWidth = 0;
        legend.ShadowColor = Colors.Transparent;
        legend.BackgroundColor = Colors.White;
        using SKImage image = SKImage.FromEncodedData(legend.GetImage().GetImageBytes(ImageFormat.Png, 100));
        canvas.DrawImage(image, (width - image.Width) / 2f, height - ((LegendHeight + image.Height) / 2f));
    }
}
