using AdaptCluster.Grains.State;
using AdaptCluster.Silo.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Persistence;
using Orleans.Serialization;
using Orleans.Storage;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Tests.Support;

/// <summary>
/// Grain storage as silos had it before writes were grouped: Orleans' Redis provider with its own keys and scripts reads, writes and clears every record. What it
/// leaves behind is what data directories and servers of those silos hold.
/// </summary>
internal sealed class OrleansOnlyStorage(IGrainStorage inner, IGrainStorageSerializer serializer) : IGrainStorage
{
    private const string Name = "orleans-only";

    /// <summary>Takes the place of the silo's own.</summary>
    public static void Use(ISiloBuilder silo)
    {
        silo.AddRedisGrainStorage(Name, (OptionsBuilder<RedisStorageOptions> storage) => storage.Configure((RedisStorageOptions options, IConnectionMultiplexer connection) =>
        {
            options.CreateMultiplexer = _ => Task.FromResult((connection, true));
            options.ConfigurationOptions = ConfigurationOptions.Parse(connection.Configuration);
            options.DeleteStateOnClear = true;
            options.GrainStorageSerializer = new RecordBytesSerializer();
        }));
        silo.Services.AddKeyedSingleton<IGrainStorage>(GrainStorage.Name, (provider, _) => new OrleansOnlyStorage(
            provider.GetRequiredKeyedService<IGrainStorage>(Name),
            new ChecksummedSerializer(provider.GetRequiredService<Serializer>())));
    }

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = new GrainState<RecordBytes>();
        await inner.ReadStateAsync(stateName, grainId, record);
        grainState.State = record.RecordExists ? serializer.Deserialize<T>(record.State!.Content)! : Activator.CreateInstance<T>();
        grainState.ETag = record.ETag;
        grainState.RecordExists = record.RecordExists;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = new GrainState<RecordBytes>(new RecordBytes { Content = serializer.Serialize(grainState.State) }, grainState.ETag)
        {
            RecordExists = grainState.RecordExists,
        };
        await inner.WriteStateAsync(stateName, grainId, record);
        grainState.ETag = record.ETag;
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = new GrainState<RecordBytes>(new RecordBytes(), grainState.ETag) { RecordExists = grainState.RecordExists };
        await inner.ClearStateAsync(stateName, grainId, record);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = record.ETag;
        grainState.RecordExists = record.RecordExists;
    }
}
