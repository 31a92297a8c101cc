namespace AdaptCluster.Grains.Renewals;

/// <summary>What became of a task when it was to be renewed.</summary>
internal enum RenewalKind
{
    /// <summary>It has no posterior, or is gone.</summary>
    None,

    /// <summary>Its posterior is of the new prior.</summary>
    Renewed,

    /// <summary>It holds rows that nobody has adapted to yet.</summary>
    Waiting,

    /// <summary>It could not be adapted.</summary>
    Failed,
}
