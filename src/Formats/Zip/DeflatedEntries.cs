namespace AdaptCluster.Formats.Zip;

/// <summary>What to do about compressed entries.</summary>
internal enum DeflatedEntries
{
    /// <summary>Refuse the archive.</summary>
    Refuse,

    /// <summary>Inflate them to check them, a little at a time; their contents are not given.</summary>
    Check,
}
