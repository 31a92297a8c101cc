namespace AdaptCluster.Grains.Devices;

/// <summary>Bytes of <see cref="SolveMemory"/> that are given back, once, when this is disposed.</summary>
internal sealed class SolveReservation(SolveMemory memory, long bytes) : IDisposable
{
    private int _released;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            memory.Release(bytes);
        }
    }
}
