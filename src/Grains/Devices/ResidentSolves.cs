namespace AdaptCluster.Grains.Devices;

/// <summary>
/// The shards and coordinators of solves, and the parts of prior fits, that are on the device, by the key of their grain. What is here has its bytes
/// reserved in <see cref="SolveMemory"/>. Only the lane's thread sees it.
/// </summary>
internal sealed class ResidentSolves : IDisposable
{
    private readonly Dictionary<string, IDisposable> _entries = new(StringComparer.Ordinal);

    public int Count => _entries.Count;

    /// <summary>Keeps an object, which the registry owns from now on; one that it had under the key is disposed.</summary>
    public void Put(string key, IDisposable value)
    {
        Remove(key);
        _entries.Add(key, value);
    }

    /// <summary>The object of a key.</summary>
    /// <exception cref="ObjectDisposedException">It was removed.</exception>
    public T Get<T>(string key)
        where T : class, IDisposable =>
        _entries.GetValueOrDefault(key) as T ?? throw new ObjectDisposedException(key);

    /// <summary>The object of a key; null if there is none.</summary>
    public T? Find<T>(string key)
        where T : class, IDisposable => _entries.GetValueOrDefault(key) as T;

    /// <summary>Disposes the object of a key, if there is one.</summary>
    public void Remove(string key)
    {
        if (_entries.Remove(key, out IDisposable? value))
        {
            value.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (string key in _entries.Keys.ToArray())
        {
            Remove(key);
        }
    }
}
