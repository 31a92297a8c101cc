using System.Diagnostics.CodeAnalysis;
using AdaptCluster.Grains.Telemetry;

namespace AdaptCluster.Grains.Devices;

/// <summary>
/// The posteriors of tasks and of panels' blocks that are on the device, within one budget of bytes. A key always has the same type
/// of value. Only the lane's thread sees it.
/// </summary>
/// <param name="budget">Bytes.</param>
/// <param name="instruments">Where hits, misses and evictions are counted.</param>
internal sealed class PosteriorCache(long budget, AdaptInstruments instruments) : IDisposable
{
    private readonly ByteBudgetCache<PosteriorKey, object> _entries = new("posterior", budget, instruments);

    /// <summary>The posterior of a key, if it is there. Owned by the cache: use it within one operation.</summary>
    public bool TryGet<T>(PosteriorKey key, [NotNullWhen(true)] out T? posterior)
        where T : class
    {
        posterior = _entries.TryGet(key, out object? value) ? (T)value : null;
        return posterior is not null;
    }

    /// <summary>The posterior of a key, made if it is not there.</summary>
    public T GetOrAdd<T>(PosteriorKey key, Func<T> create, Func<T, long> size)
        where T : class =>
        (T)_entries.GetOrAdd(key, create, value => size((T)value));

    /// <summary>Takes over a posterior.</summary>
    public void Add(PosteriorKey key, object posterior, long bytes) => _entries.Add(key, posterior, bytes);

    /// <summary>Lets go of some.</summary>
    public void RemoveAll(Func<PosteriorKey, bool> condition) => _entries.RemoveAll(condition);

    public void Dispose() => _entries.Dispose();
}
