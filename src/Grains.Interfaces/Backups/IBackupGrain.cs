namespace AdaptCluster.Grains.Interfaces.Backups;

/// <summary>Reads and writes everything that lasts of a cluster, of all tenants. Stateless.</summary>
[Alias("adapt.IBackupGrain")]
public interface IBackupGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Everything that lasts, while the cluster goes on: each record as it was at one moment after the beginning, and every file that
    /// one of them names.
    /// </summary>
    [Alias("Read")]
    IAsyncEnumerable<BackupPart> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>Begins to fill an empty cluster, or goes on with one whose filling was broken off.</summary>
    /// <exception cref="Errors.InvalidInputException">The cluster is not empty.</exception>
    [Alias("BeginRestore")]
    Task BeginRestoreAsync(CancellationToken cancellationToken = default);

    /// <summary>Keeps a part of a file, durable with its last one, or a whole record. Sending it again is harmless.</summary>
    /// <exception cref="Errors.InvalidInputException">Nothing is being restored, or the part cannot be used.</exception>
    /// <exception cref="Errors.StoreException">The store cannot keep it.</exception>
    [Alias("Write")]
    Task WriteAsync(BackupPart part, CancellationToken cancellationToken = default);

    /// <summary>The cluster is whole; grains read what was restored.</summary>
    [Alias("EndRestore")]
    Task EndRestoreAsync(CancellationToken cancellationToken = default);
}
