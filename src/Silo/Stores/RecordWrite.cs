using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>A record that waits to be written, with the promise of how that ends.</summary>
/// <param name="Key">Its key.</param>
/// <param name="ETag">The version that it replaces; empty for a new one.</param>
/// <param name="NewETag">The version that it becomes.</param>
/// <param name="Content">What is written.</param>
internal sealed record RecordWrite(RedisKey Key, string ETag, string NewETag, ReadOnlyMemory<byte> Content)
{
    private readonly TaskCompletionSource<bool> _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the store has acknowledged it; false where the store holds another version.</summary>
    public Task<bool> Written => _written.Task;

    public void End(bool isWritten) => _written.SetResult(isWritten);

    public void Fail(Exception error) => _written.SetException(error);
}
