namespace AdaptCluster.Grains.Interfaces.Naming;

/// <summary>Which source task: the key of <see cref="Sources.ISourceTaskGrain"/>.</summary>
/// <param name="Tenant">The tenant that owns it.</param>
/// <param name="Source">Its name within the tenant.</param>
public sealed record SourceKey(string Tenant, string Source)
{
    /// <summary>Reads a grain key.</summary>
    public static SourceKey Parse(string key)
    {
        string[] parts = key.Split('/');
        return parts.Length == 2
            ? new SourceKey(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]))
            : throw new ArgumentException($"'{key}' is not tenant/source.", nameof(key));
    }

    /// <summary>Writes the grain key: both names escaped, joined by a slash.</summary>
    public override string ToString() => $"{Uri.EscapeDataString(Tenant)}/{Uri.EscapeDataString(Source)}";
}
