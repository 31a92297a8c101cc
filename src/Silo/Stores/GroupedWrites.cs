using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Writes records of many grains in one trip to the store, each with its own version check and its own answer. A record that comes while no write is under way
/// goes at once; those that come meanwhile go together with the next. A trip costs the store a script and a flush whether it carries one record or a hundred.
/// </summary>
/// <remarks>
/// For a store that one process has for itself. What is written is what Orleans' Redis storage writes for each record, so that either can read and follow the other. Where
/// its version is known it is compared here, and the record then written by a plain command, which the connection sends together with others: in the embedded store
/// a script costs 0.3 ms of processor time a record, the command 0.08 ms.
/// </remarks>
/// <param name="connection">The store.</param>
/// <param name="versions">What is known of the records; about the others the store is asked.</param>
internal sealed class GroupedWrites(IConnectionMultiplexer connection, RecordVersions versions)
{
    private const int MaxRecords = 128;
    private const int MaxBytes = 2 << 20;

    /// <summary>Per record its key; its version, the next one and the content. Per record 0, or -1 where the version is another.</summary>
    private const string Script =
        """
        local results = {}
        for i = 1, #KEYS do
          local etag = redis.call('HGET', KEYS[i], 'etag')
          local expected = ARGV[3 * i - 2]
          if ((not etag or etag == '') and expected == '') or etag == expected then
            redis.call('HMSET', KEYS[i], 'etag', ARGV[3 * i - 1], 'data', ARGV[3 * i])
            results[i] = 0
          else
            results[i] = -1
          end
        end
        return results
        """;

    private readonly Lock _gate = new();
    private readonly Queue<RecordWrite> _waiting = new();
    private bool _isWriting;

    /// <summary>Writes a record; it is durable on return.</summary>
    /// <returns>False where the store holds another version than the one that it replaces; then nothing was changed.</returns>
    /// <exception cref="RedisException">The store does not answer.</exception>
    public Task<bool> WriteAsync(RecordWrite record) => versions.Begin(record) switch
    {
        true => WriteNextAsync(record),
        false => Task.FromResult(false),
        null => WriteUnknownAsync(record),
    };

    private async Task<bool> WriteNextAsync(RecordWrite record)
    {
        bool isAcknowledged = false;
        try
        {
            await connection.GetDatabase().HashSetAsync(record.Key, [new HashEntry("etag", record.NewETag), new HashEntry("data", record.Content)]);
            isAcknowledged = true;
            return true;
        }
        finally
        {
            versions.Written(record.Key, isAcknowledged);
        }
    }

    private async Task<bool> WriteUnknownAsync(RecordWrite record)
    {
        bool isWritten = false;
        try
        {
            return isWritten = await WriteCheckedAsync(record);
        }
        finally
        {
            versions.Decided(record.Key, isWritten ? record.NewETag : null);
        }
    }

    private Task<bool> WriteCheckedAsync(RecordWrite record)
    {
        lock (_gate)
        {
            _waiting.Enqueue(record);
            if (_isWriting)
            {
                return record.Written;
            }

            _isWriting = true;
        }

        _ = Task.Run(WriteAllAsync);
        return record.Written;
    }

    private async Task WriteAllAsync()
    {
        while (Next() is { Count: > 0 } group)
        {
            try
            {
                await WriteAsync(group);
            }
            catch (Exception error)
            {
                // Whatever it is belongs to those who wait for these records; others are tried.
                foreach (RecordWrite record in group)
                {
                    record.Fail(error);
                }
            }
        }
    }

    private List<RecordWrite> Next()
    {
        lock (_gate)
        {
            var group = new List<RecordWrite>();
            var keys = new HashSet<RedisKey>();
            int bytes = 0;
            while (_waiting.TryPeek(out RecordWrite? record)
                && group.Count < MaxRecords && (group.Count == 0 || bytes + record.Content.Length <= MaxBytes) && keys.Add(record.Key))
            {
                group.Add(_waiting.Dequeue());
                bytes += record.Content.Length;
            }

            _isWriting = group.Count > 0;
            return group;
        }
    }

    private async Task WriteAsync(List<RecordWrite> group)
    {
        var keys = new RedisKey[group.Count];
        var values = new RedisValue[3 * group.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = group[i].Key;
            values[3 * i] = group[i].ETag;
            values[(3 * i) + 1] = group[i].NewETag;
            values[(3 * i) + 2] = group[i].Content;
        }

        RedisResult result = await connection.GetDatabase().ScriptEvaluateAsync(Script, keys, values);
        RedisResult[] answers = (RedisResult[]?)result is { } all && all.Length == keys.Length
            ? all
            : throw new RedisException($"The store answered {result} to a write of {keys.Length} records.");
        for (int i = 0; i < answers.Length; i++)
        {
            group[i].End((int)answers[i] == 0);
        }
    }
}
