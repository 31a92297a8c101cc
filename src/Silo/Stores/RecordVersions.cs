using System.Diagnostics.CodeAnalysis;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Which version of a record the store holds, as the one process knows it that reads and writes all of them. What is not known, or not for sure, is asked of the
/// store with the write. Thread-safe.
/// </summary>
/// <remarks>
/// A version becomes the known one before its write is sent, and nobody else can replace it before that is acknowledged: of two writers that replace the same version
/// one is refused, whoever they are. A record is not known while the store itself decides about it, and after anything that does not agree.
/// </remarks>
/// <param name="clock">Measures how long nothing is sure after a write that failed.</param>
/// <param name="most">The most records that are known; then all are forgotten, and each is asked once more.</param>
internal sealed class RecordVersions(TimeProvider clock, int most = 1 << 16)
{
    /// <summary>What was sent on a connection that broke may still be executed after what is sent on the next; after this time it is not.</summary>
    private static readonly TimeSpan s_doubt = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<RedisKey, Entry> _entries = [];
    private long _forgotten;
    private long _failed;
    private bool _isInDoubt;

    /// <summary>Begins a write.</summary>
    /// <returns>
    /// True: the store holds what it replaces, so that it may be written as it is, and <see cref="Written"/> must be told how that ended. False: the store holds another
    /// version. Null: the store has to decide, and <see cref="Decided"/> must be told how.
    /// </returns>
    public bool? Begin(RecordWrite record)
    {
        lock (_gate)
        {
            if (_isInDoubt && clock.GetElapsedTime(_failed) > s_doubt)
            {
                _isInDoubt = false;
            }

            if (!Knows(record.Key, out Entry? known))
            {
                Ask(record.Key, known);
                return null;
            }

            if (known.ETag != record.ETag)
            {
                return false;
            }

            known.ETag = record.NewETag;
            known.Sent++;
            return true;
        }
    }

    /// <summary>Begins to remove a record.</summary>
    /// <returns>False: the store holds another version. True: the store has to decide, and <see cref="Decided"/> must be told.</returns>
    public bool BeginRemoval(RedisKey key, string etag)
    {
        lock (_gate)
        {
            if (Knows(key, out Entry? known) && known.ETag != etag)
            {
                return false;
            }

            Ask(key, known);
            return true;
        }
    }

    /// <summary>A write that the store was not asked about has ended; if not well, whether the store has it shows later.</summary>
    public void Written(RedisKey key, bool isAcknowledged)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out Entry? entry))
            {
                entry.Sent--;
            }

            if (!isAcknowledged)
            {
                (_isInDoubt, _failed) = (true, clock.GetTimestamp());
                RemoveAll();
            }
        }
    }

    /// <summary>The store has decided, or did not answer.</summary>
    /// <param name="key">About which record.</param>
    /// <param name="etag">The version that it now has; null where that is not known.</param>
    public void Decided(RedisKey key, string? etag)
    {
        lock (_gate)
        {
            Entry entry = _entries[key];
            if (--entry.Undecided > 0)
            {
                return;
            }

            if (etag is not null && !entry.IsMixed && !_isInDoubt)
            {
                entry.ETag = etag;
            }
            else
            {
                Remove(key);
            }
        }
    }

    /// <summary>Begins to read a record.</summary>
    /// <returns>For <see cref="Read"/>.</returns>
    public long BeginRead()
    {
        lock (_gate)
        {
            return _forgotten;
        }
    }

    /// <summary>A record was read.</summary>
    /// <param name="key">Which.</param>
    /// <param name="etag">Its version; empty where there is none.</param>
    /// <param name="since">What <see cref="BeginRead"/> gave: if anything was forgotten meanwhile, this may have been overtaken.</param>
    public void Read(RedisKey key, string etag, long since)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out Entry? known))
            {
                if (since == _forgotten && !_isInDoubt)
                {
                    Add(key).ETag = etag;
                }
            }
            else if (known is { Undecided: 0, Sent: 0 } && known.ETag != etag)
            {
                Remove(key);
            }
        }
    }

    /// <summary>Something else writes a record.</summary>
    public void Forget(RedisKey key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out Entry? known) && known.Undecided > 0)
            {
                known.IsMixed = true;
            }
            else
            {
                Remove(key);
            }
        }
    }

    private bool Knows(RedisKey key, [NotNullWhen(true)] out Entry? known) =>
        _entries.TryGetValue(key, out known) && known.Undecided == 0 && !_isInDoubt;

    private void Ask(RedisKey key, Entry? entry)
    {
        entry ??= Add(key);
        entry.Undecided++;
        entry.IsMixed = entry.Undecided > 1;
    }

    private Entry Add(RedisKey key)
    {
        if (_entries.Count >= most)
        {
            RemoveAll();
        }

        var entry = new Entry();
        _entries.Add(key, entry);
        return entry;
    }

    private void Remove(RedisKey key)
    {
        _entries.Remove(key);
        _forgotten++;
    }

    private void RemoveAll()
    {
        _forgotten++;
        foreach ((RedisKey key, Entry entry) in _entries)
        {
            if (entry is { Undecided: 0, Sent: 0 })
            {
                _entries.Remove(key);
            }
            else
            {
                entry.IsMixed = true;
            }
        }
    }

    private sealed class Entry
    {
        public string ETag { get; set; } = string.Empty;

        /// <summary>Writes that the store decides about now: until then the version is not known.</summary>
        public int Undecided { get; set; }

        /// <summary>Writes of it that were sent and are not acknowledged.</summary>
        public int Sent { get; set; }

        /// <summary>Whether there was anything else while the store decided.</summary>
        public bool IsMixed { get; set; }
    }
}
