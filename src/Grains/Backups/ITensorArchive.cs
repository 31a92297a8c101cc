namespace AdaptCluster.Grains.Backups;

/// <summary>The files of the tensor store, below its scopes.</summary>
public interface ITensorArchive
{
    /// <summary>From now until the disposal no file goes away: what is deleted meanwhile is no longer found and yet listed here.</summary>
    Task<IAsyncDisposable> HoldAsync(CancellationToken cancellationToken = default);

    /// <summary>All files that last: where each is now, and under which path the store knows or knew it.</summary>
    IEnumerable<(string Path, string Name)> List();

    /// <summary>Reads a part of a file; fewer bytes than asked for at its end.</summary>
    Task<byte[]> ReadAsync(string path, long offset, int bytes, CancellationToken cancellationToken = default);

    /// <summary>Writes a part of a file, which is there, whole and durable, with its last part.</summary>
    /// <exception cref="Interfaces.Errors.InvalidInputException">The path is none of the store's.</exception>
    Task WriteAsync(string path, long offset, ReadOnlyMemory<byte> content, bool isLast, CancellationToken cancellationToken = default);
}
