using AdaptCluster.Grains.Admission;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Grains.State;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Persistence;
using Orleans.Serialization;
using Orleans.Storage;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>Orleans' own Redis providers over the silo's one connection, whichever store is behind it.</summary>
internal static class RedisProviders
{
    private const string Storage = "adapt-redis";

    /// <summary>How soon after a grain's silo died its reminder may wake it: the periods that solves ask for are seconds.</summary>
    private static readonly TimeSpan s_shortestReminder = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A silo's range of reminders is read again at once when the range changes. This is for reads that failed.
    /// </summary>
    private static readonly TimeSpan s_reminderRefresh = TimeSpan.FromSeconds(10);

    /// <summary>Keeps grains' states: checksummed, and with room left on the disk.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="connection">The store.</param>
    /// <param name="versions">What is known of the records of a store that this silo has for itself; null for one that others write to.</param>
    public static void AddAdaptGrainStorage(this ISiloBuilder silo, IConnectionMultiplexer connection, RecordVersions? versions)
    {
        silo.AddRedisGrainStorage(Storage, (OptionsBuilder<RedisStorageOptions> storage) => storage.Configure(options =>
        {
            options.CreateMultiplexer = _ => Shared(connection);
            options.ConfigurationOptions = ConfigurationOptions.Parse(connection.Configuration);
            options.DeleteStateOnClear = true;
            options.GetStorageKey = KeyOf;
            options.GrainStorageSerializer = new RecordBytesSerializer();
        }));
        silo.Services.AddKeyedSingleton<IGrainStorage>(GrainStorage.Name, (provider, _) => new GuardedGrainStorage(
            new RecordReads(connection),
            provider.GetRequiredKeyedService<IGrainStorage>(Storage),
            versions is null ? null : new GroupedWrites(connection, versions),
            versions,
            KeyOf,
            new ChecksummedSerializer(provider.GetRequiredService<Serializer>()),
            provider.GetRequiredService<DiskSpace>(),
            provider.GetRequiredService<StoreErrors>(),
            provider.GetRequiredService<SiloLoad>()));
    }

    /// <summary>Keeps reminders, which wake a grain after its silo or the whole cluster died.</summary>
    public static void AddAdaptReminders(this ISiloBuilder silo, IConnectionMultiplexer connection)
    {
        silo.UseRedisReminderService(options =>
        {
            options.CreateMultiplexer = _ => Shared(connection);
            options.ConfigurationOptions = ConfigurationOptions.Parse(connection.Configuration);
        });
        Type table = silo.Services.Last(service => service.ServiceType == typeof(IReminderTable)).ImplementationType!;
        silo.Services.AddSingleton<IReminderTable>(provider => new GuardedReminderTable(
            (IReminderTable)ActivatorUtilities.CreateInstance(provider, table), provider.GetRequiredService<StoreErrors>()));
        silo.Configure<ReminderOptions>(options =>
        {
            options.MinimumReminderPeriod = s_shortestReminder;
            options.RefreshReminderListPeriod = s_reminderRefresh;
        });
    }

    /// <summary>The provider's own default, said here because records are also written beside it.</summary>
    public static RedisKey KeyOf(string stateName, GrainId grain) => $"{ClusterIdentity.ServiceId}/state/{grain}/{stateName}";

    /// <summary>For providers that would otherwise open, and close, a connection of their own.</summary>
    public static Task<(IConnectionMultiplexer Connection, bool IsShared)> Shared(IConnectionMultiplexer connection) =>
        Task.FromResult((connection, true));
}
