namespace AdaptCluster.Grains.Tensors;

/// <summary>The parts of one upload, for as long as an operation needs them; disposing removes them.</summary>
internal sealed class StagedParts(ITensorStore store, TensorScope scope) : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await store.DeleteAllAsync(scope);
}
