namespace AdaptCluster.Numerics.Baselines;

/// <summary>Computes on the calling thread: for programs without a device lane.</summary>
/// <param name="cancellation">Looked at before every slice.</param>
public sealed class InlineSlices(CancellationToken cancellation = default) : IComputeSlices
{
    /// <inheritdoc/>
    public T Run<T>(double flops, Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        cancellation.ThrowIfCancellationRequested();
        return work();
    }

    /// <inheritdoc/>
    public void Release(Action free)
    {
        ArgumentNullException.ThrowIfNull(free);
        free();
    }
}
