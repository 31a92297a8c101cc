namespace AdaptCluster.Grains.Interfaces.Naming;

/// <summary>Which comparison: the key of <see cref="Comparisons.IComparisonGrain"/>.</summary>
/// <param name="Tenant">The tenant that asked for it.</param>
/// <param name="Run">Chosen by the client; a comparison is run once.</param>
public sealed record ComparisonKey(string Tenant, Guid Run)
{
    /// <summary>Reads a grain key.</summary>
    public static ComparisonKey Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string[] parts = key.Split('/');
        return parts.Length == 2 && Guid.TryParseExact(parts[1], "N", out Guid run)
            ? new ComparisonKey(Uri.UnescapeDataString(parts[0]), run)
            : throw new ArgumentException($"'{key}' is not tenant/run.", nameof(key));
    }

    /// <summary>Writes the grain key: the tenant's name escaped, a slash, the run.</summary>
    public override string ToString() => $"{Uri.EscapeDataString(Tenant)}/{Run:N}";
}
