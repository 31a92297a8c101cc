using ScottPlot;

namespace AdaptCluster.Cli.Figures;

/// <summary>Colours that stay apart for colour-blind readers and in grey: Okabe and Ito (2008), and two greys.</summary>
internal static class FigurePalette
{
    /// <summary>Text, axes, the truth.</summary>
    public static readonly Color Ink = Color.FromHex("#222222");

    /// <summary>What is there before adaptation.</summary>
    public static readonly Color Grey = Color.FromHex("#8A8A8A");

    /// <summary>Grid lines.</summary>
    public static readonly Color Grid = Color.FromHex("#E6E6E6");

    /// <summary>The adapted model.</summary>
    public static readonly Color Blue = Color.FromHex("#0072B2");

    /// <summary>Its 95% band.</summary>
    public static readonly Color LightBlue = Color.FromHex("#56B4E9").WithAlpha(.30);

    /// <summary>A baseline between the two.</summary>
    public static readonly Color Vermillion = Color.FromHex("#D55E00");

    /// <summary>Another baseline.</summary>
    public static readonly Color Orange = Color.FromHex("#E69F00");

    /// <summary>Another baseline.</summary>
    public static readonly Color Purple = Color.FromHex("#CC79A7");

    /// <summary>Another baseline.</summary>
    public static readonly Color Green = Color.FromHex("#009E73");

    /// <summary>Another baseline.</summary>
    public static readonly Color Sky = Color.FromHex("#56B4E9");
}
