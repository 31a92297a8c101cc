namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// Where long work computes: in slices of some milliseconds, so that a host can do other work between two of them. Everything that touches a tensor
/// happens within a slice; an optimiser's own arithmetic does not.
/// </summary>
public interface IComputeSlices
{
    /// <summary>Runs one slice and waits for it. An exception of <paramref name="work"/> comes out as it is.</summary>
    /// <param name="flops">About how many floating-point operations it has: for the choice of threads.</param>
    /// <param name="work">Synchronous; tensors that outlive it belong to whoever disposes them within a later slice.</param>
    /// <exception cref="OperationCanceledException">The work was cancelled between two slices.</exception>
    T Run<T>(double flops, Func<T> work);

    /// <summary>Frees what slices made and still holds tensors: a slice that runs although the work was cancelled.</summary>
    void Release(Action free);
}
