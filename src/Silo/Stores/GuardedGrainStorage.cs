using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using Orleans.Storage;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>Grain storage that refuses to write to a disk that is nearly full and reports the store's failures as its own.</summary>
internal sealed class GuardedGrainStorage(IGrainStorage inner, DiskSpace disk) : IGrainStorage
{
    /// <summary>More than any record but a task's with many inline batches; the disk is looked at again every 100 ms.</summary>
    private const long TypicalRecordBytes = 256 << 10;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        TranslateAsync(() => inner.ReadStateAsync(stateName, grainId, grainState), grainId);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        disk.RequireRoomFor(TypicalRecordBytes);
        return TranslateAsync(() => inner.WriteStateAsync(stateName, grainId, grainState), grainId);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        TranslateAsync(() => inner.ClearStateAsync(stateName, grainId, grainState), grainId);

    private static async Task TranslateAsync(Func<Task> operation, GrainId grainId)
    {
        try
        {
            await operation();
        }
        catch (Exception error) when (Cause<StoreException>(error) is { } damaged)
        {
            throw new StoreException($"{grainId}: {damaged.Message}", damaged.IsRetryable);
        }
        catch (Exception error) when (Cause<RedisException>(error) is not null || Cause<TimeoutException>(error) is not null)
        {
            throw new StoreException($"the store does not answer for {grainId}; try again, and look at the silo's log if it stays so.", isRetryable: true);
        }
    }

    private static TCause? Cause<TCause>(Exception error)
        where TCause : Exception
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is TCause found)
            {
                return found;
            }
        }

        return null;
    }
}
