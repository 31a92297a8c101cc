namespace AdaptCluster.Grains.Interfaces.Naming;

/// <summary>Which panel: the key of <see cref="Panels.IPanelGrain"/>.</summary>
/// <param name="Tenant">The tenant that owns it.</param>
/// <param name="Source">The source task that its targets adapt.</param>
/// <param name="Panel">Its name within tenant and source; tasks of the same name are other things.</param>
public sealed record PanelKey(string Tenant, string Source, string Panel)
{
    /// <summary>The source task that its targets adapt.</summary>
    public SourceKey SourceKey => new(Tenant, Source);

    /// <summary>Reads a grain key.</summary>
    public static PanelKey Parse(string key)
    {
        string[] parts = key.Split('/');
        return parts.Length == 3
            ? new PanelKey(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]), Uri.UnescapeDataString(parts[2]))
            : throw new ArgumentException($"'{key}' is not tenant/source/panel.", nameof(key));
    }

    /// <summary>Writes the grain key: the names escaped, joined by slashes.</summary>
    public override string ToString() =>
        $"{Uri.EscapeDataString(Tenant)}/{Uri.EscapeDataString(Source)}/{Uri.EscapeDataString(Panel)}";
}
