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
/// <param name="inner">Keeps <see cref="RecordBytes"/>.</param>
/// <param name="serializer">Between states and records.</param>
/// <param name="disk">Where the store is.</param>
internal sealed class GuardedGrainStorage(IGrainStorage inner, IGrainStorageSerializer serializer, DiskSpace disk) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = new GrainState<RecordBytes>();
        await TranslateAsync(() => inner.ReadStateAsync(stateName, grainId, record), grainId);
        grainState.State = record.RecordExists ? Deserialize<T>(record.State!, grainId) : Activator.CreateInstance<T>();
        grainState.ETag = record.ETag;
        grainState.RecordExists = record.RecordExists;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        BinaryData content = serializer.Serialize(grainState.State);
        disk.RequireRoomForRecord(content.Length, isNew: !grainState.RecordExists);
        var record = new GrainState<RecordBytes>(new RecordBytes { Content = content }, grainState.ETag) { RecordExists = grainState.RecordExists };
        await TranslateAsync(() => inner.WriteStateAsync(stateName, grainId, record), grainId);
        grainState.ETag = record.ETag;
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = new GrainState<RecordBytes>(new RecordBytes(), grainState.ETag) { RecordExists = grainState.RecordExists };
        await TranslateAsync(() => inner.ClearStateAsync(stateName, grainId, record), grainId);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = record.ETag;
        grainState.RecordExists = record.RecordExists;
    }

    private T Deserialize<T>(RecordBytes record, GrainId grainId)
    {
        try
        {
            return serializer.Deserialize<T>(record.Content)!;
        }
        catch (StoreException damaged)
        {
            throw new StoreException($"{grainId}: {damaged.Message}", damaged.IsRetryable);
        }
    }

    private static async Task TranslateAsync(Func<Task> operation, GrainId grainId)
    {
        try
        {
            await operation();
        }
        catch (Exception error) when (error is RedisStorageException or RedisException or TimeoutException)
        {
            throw new StoreException($"the store does not answer for {grainId}; try again, and look at the silo's log if it stays so.", isRetryable: true);
        }
    }
}
