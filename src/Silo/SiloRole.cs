namespace AdaptCluster.Silo;

/// <summary>What a process that serves a data directory is to others.</summary>
public enum SiloRole
{
    /// <summary>It serves until it is stopped; others find and use it.</summary>
    Shared = 0,

    /// <summary>It serves one command and ends with it.</summary>
    Private = 1,
}
