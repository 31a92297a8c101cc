namespace AdaptCluster.Grains.Interfaces.Backups;

/// <summary>What a part of a backup is of.</summary>
public enum BackupPartKind
{
    /// <summary>A record of a grain, under its key.</summary>
    Record = 0,

    /// <summary>A tensor file, under its path.</summary>
    File = 1,

    /// <summary>A record that was sent and has been deleted since: it is not part of the backup.</summary>
    Gone = 2,
}
