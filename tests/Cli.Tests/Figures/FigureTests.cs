using AdaptCluster.Cli.Figures;
using AdaptCluster.Cli.Tables;
using ScottPlot;
using SkiaSharp;

namespace AdaptCluster.Cli.Tests.Figures;

public sealed class FigureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SinusoidsSave_FourPanels_WritesPngWithEveryLayer()
    {
        string path = _folder.File("sinusoids.png");

        await SinusoidsFigure.SaveAsync(path, SyntheticFigures.Sinusoids());

        using SKBitmap image = SKBitmap.Decode(path);
        Assert.Equal((SinusoidsFigure.Width, SinusoidsFigure.Height), (image.Width, image.Height));
        foreach (Color color in new[] { FigurePalette.Blue, FigurePalette.Grey, FigurePalette.Ink, FigurePalette.Vermillion })
        {
            AssertInEveryQuarter(image, color);
        }
    }

    [Fact]
    public async Task LearningCurveSave_ThreeMethods_WritesPngWithEveryCurveInBothPanels()
    {
        string path = _folder.File("airports.png");

        await LearningCurveFigure.SaveAsync(path, SyntheticFigures.Curves(), "min²");

        using SKBitmap image = SKBitmap.Decode(path);
        Assert.Equal((LearningCurveFigure.Width, LearningCurveFigure.Height), (image.Width, image.Height));
        foreach (Color color in new[] { FigurePalette.Blue, FigurePalette.Grey, FigurePalette.Vermillion })
        {
            Assert.True(Count(image, color, new SKRectI(0, 0, image.Width / 2, 600)) > 200);
            Assert.True(Count(image, color, new SKRectI(image.Width / 2, 0, image.Width, 600)) > 200);
            Assert.True(Count(image, color, new SKRectI(0, 630, image.Width, 700)) > 20);
        }
    }

    [Fact]
    public async Task ComparisonSave_AMethodFarOff_LeavesRoomForTheOthers()
    {
        string path = _folder.File("comparison.png");
        double[] points = [5, 10];

        await ComparisonFigure.SaveAsync(path,
        [
            new ComparisonCurve("none", points, [4, 4], [1.5, 1.5]),
            new ComparisonCurve("rbf", points, [9, 6], [900, 20]),
            new ComparisonCurve("adapted", points, [3, 2], [1.2, 1.0]),
        ]);

        using SKBitmap image = SKBitmap.Decode(path);
        Assert.Equal((ComparisonFigure.Width, ComparisonFigure.Height), (image.Width, image.Height));
        var left = new SKRectI(0, 0, image.Width / 2, 650);
        var right = new SKRectI(image.Width / 2, 0, image.Width, 650);
        Assert.All(new[] { FigurePalette.Blue, FigurePalette.Grey }, color => Assert.True(Count(image, color, left) > 200 && Count(image, color, right) > 200));
        Assert.True(Count(image, FigurePalette.Green, left) > 200);

        // Where the density of the two others had no room, their curves would lie on each other at the bottom.
        int[] rows = [.. Enumerable.Range(0, 650).Where(y => Count(image, FigurePalette.Blue, new SKRectI(right.Left, y, right.Right, y + 1)) > 0)];
        Assert.True(rows[^1] - rows[0] > 50);
    }

    [Fact]
    public async Task ComparisonSave_NoCurve_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => ComparisonFigure.SaveAsync(_folder.File("none.png"), []));

    [Fact]
    public async Task Save_TwiceTheSame_GivesTheSameBytes()
    {
        await LearningCurveFigure.SaveAsync(_folder.File("a.png"), SyntheticFigures.Curves());
        await LearningCurveFigure.SaveAsync(_folder.File("b.png"), SyntheticFigures.Curves());

        Assert.Equal(await File.ReadAllBytesAsync(_folder.File("a.png"), Token), await File.ReadAllBytesAsync(_folder.File("b.png"), Token));
    }

    [Fact]
    public async Task Save_FolderMissing_SaysSo()
    {
        TableException error = await Assert.ThrowsAsync<TableException>(
            () => SinusoidsFigure.SaveAsync(_folder.File("none/figure.png"), SyntheticFigures.Sinusoids()));

        Assert.Contains("there is no folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SinusoidsSave_LengthsDiffer_NamesThePanel()
    {
        SinusoidPanel broken = SyntheticFigures.Sinusoids()[0] with { Mean = [1, 2] };

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => SinusoidsFigure.SaveAsync(_folder.File("x.png"), [broken]));

        Assert.Equal("The arrays of panel 'A = 4.1, w = 0.7' differ in length.", error.Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public async Task LearningCurveSave_ValueWithoutLogarithm_NamesTheCurve(double value)
    {
        LearningCurve curve = new(LearningCurveMethod.Adapted, [5, 20], [1, value], [1, 1]);

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => LearningCurveFigure.SaveAsync(_folder.File("x.png"), [curve]));

        Assert.Equal("The curve Adapted needs as many positive values as it has points.", error.Message);
    }

    [Fact]
    public void Font_EveryCharacterOfTheFigures_HasAGlyph()
    {
        FigureFont.EnsureRegistered();
        using SKTypeface regular = Fonts.GetTypeface(FigureFont.Name, bold: false, italic: false);
        using SKTypeface bold = Fonts.GetTypeface(FigureFont.Name, bold: true, italic: false);
        const string Text = "ABCXYZabcxyz0123456789 .,:;()[]+-=%/'\"²³±×−–αβγθλμσω≤≥≈";

        Assert.Equal("DejaVu Sans", regular.FamilyName);
        Assert.True(bold.IsBold);
        Assert.DoesNotContain((ushort)0, regular.GetGlyphs(Text));
        Assert.DoesNotContain((ushort)0, bold.GetGlyphs(Text));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void AssertInEveryQuarter(SKBitmap image, Color color)
    {
        (int middleX, int middleY) = (image.Width / 2, 518);
        Assert.True(Count(image, color, new SKRectI(0, 0, middleX, middleY)) > 200);
        Assert.True(Count(image, color, new SKRectI(middleX, 0, image.Width, middleY)) > 200);
        Assert.True(Count(image, color, new SKRectI(0, middleY, middleX, 1036)) > 200);
        Assert.True(Count(image, color, new SKRectI(middleX, middleY, image.Width, 1036)) > 200);
        Assert.True(Count(image, color, new SKRectI(0, 1036, image.Width, image.Height)) > 20);
    }

    private static int Count(SKBitmap image, Color color, SKRectI area)
    {
        int count = 0;
        for (int y = area.Top; y < area.Bottom; y++)
        {
            for (int x = area.Left; x < area.Right; x++)
            {
                SKColor pixel = image.GetPixel(x, y);
                count += pixel.Red == color.R && pixel.Green == color.G && pixel.Blue == color.B ? 1 : 0;
            }
        }

        return count;
    }
}
