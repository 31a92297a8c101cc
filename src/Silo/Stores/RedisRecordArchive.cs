using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Backups;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>The records as Orleans' Redis storage keeps them: a hash per grain, taken and put back field by field.</summary>
/// <param name="connection">The store.</param>
/// <param name="versions">What the silo knows of the records, if it does: what is put back it does not know.</param>
/// <param name="errors">Names the store.</param>
internal sealed class RedisRecordArchive(IConnectionMultiplexer connection, RecordVersions? versions, StoreErrors errors) : IRecordArchive
{
    private const string Prefix = $"{ClusterIdentity.ServiceId}/state/";
    private const string Restoring = "adapt/restoring";
    private const int PageSize = 1_000;

    private IDatabase Database => connection.GetDatabase();

    public async IAsyncEnumerable<string> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (EndPoint endpoint in connection.GetEndPoints())
        {
            await foreach (RedisKey key in connection.GetServer(endpoint).KeysAsync(pattern: Prefix + "*", pageSize: PageSize).WithCancellation(cancellationToken))
            {
                yield return key!;
            }
        }
    }

    public async Task<byte[]?> ReadAsync(string key)
    {
        HashEntry[] fields = await GuardAsync(() => Database.HashGetAllAsync(key));
        if (fields.Length == 0)
        {
            return null;
        }

        using var content = new MemoryStream();
        foreach (HashEntry field in fields)
        {
            Append(content, field.Name);
            Append(content, field.Value);
        }

        return content.ToArray();
    }

    public Task<bool> ExistsAsync(string key) => GuardAsync(() => Database.KeyExistsAsync(key));

    public Task WriteAsync(string key, ReadOnlyMemory<byte> content)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new InvalidInputException("record", $"'{key}' is no key of one", "restore what 'adapt backup' wrote");
        }

        var fields = new List<HashEntry>();
        while (!content.IsEmpty)
        {
            byte[] name = Take(ref content), value = Take(ref content);
            fields.Add(new HashEntry(name, value));
        }

        return GuardAsync(async () =>
        {
            versions?.Forget(key);
            await Database.HashSetAsync(key, [.. fields]);
            versions?.Forget(key);
            return true;
        });
    }

    public Task<bool> IsRestoringAsync() => GuardAsync(() => Database.KeyExistsAsync(Restoring));

    public Task SetRestoringAsync(bool value) => GuardAsync(() => value ? Database.StringSetAsync(Restoring, "1") : Database.KeyDeleteAsync(Restoring));

    private static void Append(MemoryStream content, RedisValue value)
    {
        byte[] bytes = (byte[]?)value ?? [];
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        content.Write(length);
        content.Write(bytes);
    }

    private static byte[] Take(ref ReadOnlyMemory<byte> content)
    {
        int length = content.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(content.Span);
        if (length < 0 || length > content.Length - sizeof(int))
        {
            throw new InvalidInputException("record", "it is cut off", "restore what 'adapt backup' wrote");
        }

        byte[] taken = content.Slice(sizeof(int), length).ToArray();
        content = content[(sizeof(int) + length)..];
        return taken;
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> operation)
    {
        try
        {
            return await operation();
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            throw errors.Of(error, "records");
        }
    }
}
