namespace AdaptCluster.Grains.Interfaces.Naming;

/// <summary>Which target task: the key of <see cref="Tasks.ITargetTaskGrain"/>.</summary>
/// <param name="Tenant">The tenant that owns it.</param>
/// <param name="Source">The source task that it adapts.</param>
/// <param name="Task">Its name within tenant and source.</param>
public sealed record TaskKey(string Tenant, string Source, string Task)
{
    /// <summary>The source task that it adapts.</summary>
    public SourceKey SourceKey => new(Tenant, Source);

    /// <summary>Reads a grain key.</summary>
    public static TaskKey Parse(string key)
    {
        string[] parts = key.Split('/');
        return parts.Length == 3
            ? new TaskKey(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]), Uri.UnescapeDataString(parts[2]))
            : throw new ArgumentException($"'{key}' is not tenant/source/task.", nameof(key));
    }

    /// <summary>Writes the grain key: the names escaped, joined by slashes.</summary>
    public override string ToString() =>
        $"{Uri.EscapeDataString(Tenant)}/{Uri.EscapeDataString(Source)}/{Uri.EscapeDataString(Task)}";
}
