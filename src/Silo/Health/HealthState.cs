namespace AdaptCluster.Silo.Health;

/// <summary>Whether work should be sent to this process. Thread-safe.</summary>
internal sealed class HealthState
{
    private volatile Func<CancellationToken, Task<string?>> _find = static _ => Task.FromResult<string?>("the silo starts");

    /// <summary>From now on the answer is asked for.</summary>
    /// <param name="find">Why none should be sent; null where any may.</param>
    public void Started(Func<CancellationToken, Task<string?>> find) => _find = find;

    /// <summary>From now on none is wanted.</summary>
    public void Draining() => _find = static _ => Task.FromResult<string?>("the silo drains");

    /// <summary>Why none should be sent; null where any may.</summary>
    public Task<string?> FindProblemAsync(CancellationToken cancellationToken) => _find(cancellationToken);
}
