using AdaptCluster.Grains.Admission;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using Orleans.Persistence.Redis;
using Orleans.Storage;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Grain storage that checks what it reads, refuses to write to a disk that is nearly full and reports the store's
/// failures as its own.
/// </summary>
/// <param name="reads">Reads records.</param>
/// <param name="inner">Clears them, as <see cref="RecordBytes"/>.</param>
/// <param name="writes">Writes them, those of many grains together; null: <paramref name="inner"/> does, one by one.</param>
/// <param name="versions">Learns what was read; null for a store that others write to.</param>
/// <param name="keyOf">The key of a grain's record, as <paramref name="inner"/> has it.</param>
/// <param name="serializer">Between states and records.</param>
/// <param name="disk">Where the store is.</param>
/// <param name="errors">Names the store.</param>
/// <param name="load">Counts what is under way.</param>
internal sealed class GuardedGrainStorage(
    RecordReads reads,
    IGrainStorage inner,
    GroupedWrites? writes,
    RecordVersions? versions,
    Func<string, GrainId, RedisKey> keyOf,
    IGrainStorageSerializer serializer,
    DiskSpace disk,
    StoreErrors errors,
    SiloLoad load) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        RedisKey key = keyOf(stateName, grainId);
        long since = versions?.BeginRead() ?? 0;
        (string ETag, ReadOnlyMemory<byte> Content)? record = null;
        await TranslateAsync(async () => record = await reads.ReadAsync(key), grainId);
        versions?.Read(key, record?.ETag ?? string.Empty, since);
        grainState.State = record is { } held ? Deserialize<T>(held.Content, grainId) : Activator.CreateInstance<T>();
        grainState.ETag = record?.ETag;
        grainState.RecordExists = record is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        BinaryData content = serializer.Serialize(grainState.State);
        disk.RequireRoomForRecord(content.Length, isNew: !grainState.RecordExists);
        grainState.ETag = writes is null
            ? await WriteOneAsync(stateName, grainId, content, grainState.ETag, grainState.RecordExists)
            : await WriteWithOthersAsync(writes, stateName, grainId, content, grainState.ETag);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = new GrainState<RecordBytes>(new RecordBytes(), grainState.ETag) { RecordExists = grainState.RecordExists };
        await TranslateAsync(() => ClearAsync(stateName, grainId, record), grainId);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = record.ETag;
        grainState.RecordExists = record.RecordExists;
    }

    private async Task<string?> WriteOneAsync(string stateName, GrainId grainId, BinaryData content, string? etag, bool exists)
    {
        var record = new GrainState<RecordBytes>(new RecordBytes { Content = content }, etag) { RecordExists = exists };
        await TranslateAsync(() => inner.WriteStateAsync(stateName, grainId, record), grainId);
        return record.ETag;
    }

    private async Task<string?> WriteWithOthersAsync(GroupedWrites together, string stateName, GrainId grainId, BinaryData content, string? etag)
    {
        var record = new RecordWrite(keyOf(stateName, grainId), etag ?? string.Empty, Guid.NewGuid().ToString("N"), content.ToMemory());
        bool isWritten = false;
        await TranslateAsync(async () => isWritten = await together.WriteAsync(record), grainId);
        return isWritten ? record.NewETag : throw OtherVersion(stateName, grainId, etag);
    }

    private async Task ClearAsync(string stateName, GrainId grainId, GrainState<RecordBytes> record)
    {
        RedisKey key = keyOf(stateName, grainId);
        if (versions is null)
        {
            await inner.ClearStateAsync(stateName, grainId, record);
            return;
        }

        if (!versions.BeginRemoval(key, record.ETag ?? string.Empty))
        {
            throw OtherVersion(stateName, grainId, record.ETag);
        }

        try
        {
            await inner.ClearStateAsync(stateName, grainId, record);
        }
        finally
        {
            versions.Decided(key, null);
        }
    }

    private static InconsistentStateException OtherVersion(string stateName, GrainId grainId, string? etag) =>
        new($"The store holds another version of '{stateName}' of {grainId} than {etag}.");

    private T Deserialize<T>(ReadOnlyMemory<byte> record, GrainId grainId)
    {
        try
        {
            return serializer.Deserialize<T>(new BinaryData(record))!;
        }
        catch (StoreException damaged)
        {
            throw new StoreException($"{grainId}: {damaged.Message}", damaged.IsRetryable);
        }
    }

    private async Task TranslateAsync(Func<Task> operation, GrainId grainId)
    {
        load.RecordBegins();
        try
        {
            await operation();
        }
        catch (Exception error) when (error is RedisStorageException or RedisException or TimeoutException)
        {
            throw errors.Of(error, grainId.ToString());
        }
        finally
        {
            load.RecordEnds();
        }
    }
}
