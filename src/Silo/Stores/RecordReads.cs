using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Reads records as Orleans' Redis storage keeps them: a hash of version and content. That storage's own read compiles a constructor for every record that is not there
/// yet, which costs more than all else that a new task's first call does.
/// </summary>
/// <param name="connection">The store.</param>
internal sealed class RecordReads(IConnectionMultiplexer connection)
{
    private static readonly RedisValue[] s_fields = ["etag", "data"];

    /// <summary>A record, or nothing where there is none.</summary>
    /// <exception cref="RedisException">The store does not answer.</exception>
    public async Task<(string ETag, ReadOnlyMemory<byte> Content)?> ReadAsync(RedisKey key)
    {
        RedisValue[] fields = await connection.GetDatabase().HashGetAsync(key, s_fields);
        return fields[1].IsNull ? null : ((string?)fields[0] ?? string.Empty, fields[1]);
    }
}
