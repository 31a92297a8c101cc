namespace AdaptCluster.Grains.Backups;

/// <summary>The records of all grains as bytes, below the grains.</summary>
public interface IRecordArchive
{
    /// <summary>The keys of records; those that were there from beginning to end are among them, some perhaps twice.</summary>
    IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>A record as it is at one moment; null if there is none.</summary>
    Task<byte[]?> ReadAsync(string key);

    /// <summary>Whether a record is there.</summary>
    Task<bool> ExistsAsync(string key);

    /// <summary>Keeps a record, durably.</summary>
    /// <exception cref="Interfaces.Errors.InvalidInputException">It is none.</exception>
    Task WriteAsync(string key, ReadOnlyMemory<byte> content);

    /// <summary>Whether records are being restored.</summary>
    Task<bool> IsRestoringAsync();

    /// <summary>Notes whether they are.</summary>
    Task SetRestoringAsync(bool value);
}
