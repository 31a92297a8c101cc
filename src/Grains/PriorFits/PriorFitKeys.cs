namespace AdaptCluster.Grains.PriorFits;

/// <summary>The keys of a fit's grains.</summary>
internal static class PriorFitKeys
{
    /// <summary>Of the fit: the source's key and which fit.</summary>
    public static string Fit(string source, Guid fit) => $"{source}/{fit:N}";

    /// <summary>Of a part: its fit's key, which part, and which of its placements.</summary>
    public static string Part(string fit, int part, int placement) => $"{fit}/{part}/{placement}";

    /// <summary>The fit's, of one of its parts.</summary>
    public static string FitOf(string part) => part[..part.LastIndexOf('/', part.LastIndexOf('/') - 1)];
}
