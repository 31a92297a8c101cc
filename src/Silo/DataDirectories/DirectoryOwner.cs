namespace AdaptCluster.Silo.DataDirectories;

/// <summary>Which process serves a data directory; kept beside the lock for others to read.</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="Role">Whether others may use it.</param>
/// <param name="Gateway">Where it takes clients, as host:port; null until it does.</param>
public sealed record DirectoryOwner(int ProcessId, SiloRole Role, string? Gateway);
