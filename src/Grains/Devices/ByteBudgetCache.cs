using System.Diagnostics.CodeAnalysis;
using AdaptCluster.Grains.Telemetry;

namespace AdaptCluster.Grains.Devices;

/// <summary>
/// Owns what is kept within a budget of bytes; the least recently used goes first and is disposed. The newest entry
/// always stays, even alone over the budget. What depends on an entry is let go by <paramref name="removing"/> first.
/// Not thread-safe.
/// </summary>
/// <param name="name">The name in the metrics.</param>
/// <param name="budget">Bytes.</param>
/// <param name="instruments">Where hits, misses and evictions are counted.</param>
/// <param name="removing">Called with a key before its value is disposed.</param>
internal sealed class ByteBudgetCache<TKey, TValue>(
    string name, long budget, AdaptInstruments instruments, Action<TKey>? removing = null) : IDisposable
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();

    public long Bytes { get; private set; }

    public int Count => _entries.Count;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_entries.TryGetValue(key, out LinkedListNode<Entry>? node))
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            value = node.Value.Value;
            instruments.CacheHit(name);
            return true;
        }

        instruments.CacheMiss(name);
        value = default;
        return false;
    }

    public TValue GetOrAdd(TKey key, Func<TValue> create, Func<TValue, long> size)
    {
        if (!TryGet(key, out TValue? value))
        {
            value = create();
            Add(key, value, size(value));
        }

        return value;
    }

    public void Add(TKey key, TValue value, long bytes)
    {
        Remove(key);
        _entries.Add(key, _byUse.AddFirst(new Entry(key, value, bytes)));
        Bytes += bytes;
        while (Bytes > budget && _byUse.Last is { } oldest && oldest != _byUse.First)
        {
            Remove(oldest.Value.Key);
            instruments.CacheEviction(name);
        }
    }

    public void Remove(TKey key)
    {
        if (_entries.Remove(key, out LinkedListNode<Entry>? node))
        {
            removing?.Invoke(key);
            _byUse.Remove(node);
            Bytes -= node.Value.Bytes;
            (node.Value.Value as IDisposable)?.Dispose();
        }
    }

    public void RemoveAll(Func<TKey, bool> condition)
    {
        foreach (TKey key in _entries.Keys.Where(condition).ToArray())
        {
            Remove(key);
        }
    }

    public void Dispose()
    {
        while (_byUse.First is { } entry)
        {
            Remove(entry.Value.Key);
        }
    }

    private sealed record Entry(TKey Key, TValue Value, long Bytes);
}
