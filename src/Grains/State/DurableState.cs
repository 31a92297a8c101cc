namespace AdaptCluster.Grains.State;

/// <summary>
/// A grain's state as it is on disk. What readers see is always what was written: a new value becomes current after its
/// write was acknowledged, and a write that failed leaves the old one.
/// </summary>
internal sealed class DurableState<T>(IPersistentState<Stored<T>> storage)
    where T : class
{
    /// <summary>The last value that was acknowledged by the store; null before the first.</summary>
    public T? Current { get; private set; } = storage.State.Value;

    /// <summary>Writes a new value; it is current on return.</summary>
    public async Task CommitAsync(T next, CancellationToken cancellationToken = default)
    {
        storage.State = new Stored<T> { Value = next };
        try
        {
            await storage.WriteStateAsync(cancellationToken);
        }
        catch
        {
            storage.State = new Stored<T> { Value = Current };
            throw;
        }

        Current = next;
    }

    /// <summary>Removes the value from the store.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken = default)
    {
        await storage.ClearStateAsync(cancellationToken);
        Current = null;
    }
}
