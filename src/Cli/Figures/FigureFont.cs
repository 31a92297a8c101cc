using ScottPlot;
using SkiaSharp;

namespace AdaptCluster.Cli.Figures;

/// <summary>
/// The font of every figure, embedded in the assembly: a container often has none, and a figure should look the same
/// everywhere.
/// </summary>
internal sealed class FigureFont : IFontResolver
{
    /// <summary>The name to set on a plot. Not a system font's, so that only this resolver answers to it.</summary>
    public const string Name = "AdaptCluster Figures";

    private static readonly Lazy<FigureFont> Registered = new(Register);

    private FigureFont()
    {
    }

    /// <summary>Makes the font known to ScottPlot, once per process.</summary>
    public static void EnsureRegistered() => _ = Registered.Value;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        CreateTypeface(fontName, weight >= FontWeight.SemiBold, slant != FontSlant.Upright);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic)
    {
        if (fontName != Name)
        {
            return null;
        }

        string resource = bold ? "DejaVuSans-Bold.ttf" : "DejaVuSans.ttf";
        using Stream font = typeof(FigureFont).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The font {resource} is not embedded.");
        return SKTypeface.FromStream(font);
    }

    private static FigureFont Register()
    {
        var font = new FigureFont();
        Fonts.FontResolvers.Insert(0, font);
        Fonts.Default = Name;
        return font;
    }
}
