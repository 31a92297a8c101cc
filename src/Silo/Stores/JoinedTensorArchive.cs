using AdaptCluster.Grains.Backups;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Silo.Stores;

/// <summary>In a silo that has joined another's store: files are backed up, and restored, where they are.</summary>
internal sealed class JoinedTensorArchive : ITensorArchive
{
    public Task<IAsyncDisposable> HoldAsync(CancellationToken cancellationToken) => throw Elsewhere();

    public IEnumerable<(string Path, string Name)> List() => throw Elsewhere();

    public Task<byte[]> ReadAsync(string path, long offset, int bytes, CancellationToken cancellationToken) => throw Elsewhere();

    public Task WriteAsync(string path, long offset, ReadOnlyMemory<byte> content, bool isLast, CancellationToken cancellationToken) => throw Elsewhere();

    private static InvalidInputException Elsewhere() =>
        new("--cluster", "this silo has joined the store of another, and the files are there", "give the gateway of the silo that has the store");
}
