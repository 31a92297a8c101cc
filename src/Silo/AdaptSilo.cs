using System.Net;
using AdaptCluster.Grains;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Persistence;
using Orleans.Storage;
using StackExchange.Redis;

namespace AdaptCluster.Silo;

/// <summary>A silo in this process over one data directory: the composition of grains, store, tensors and telemetry.</summary>
public sealed class AdaptSilo : IAsyncDisposable
{
    private const string RedisStorage = "adapt-redis";

    private readonly IHost _host;
    private readonly DataDirectory _directory;
    private readonly EmbeddedStore _store;
    private readonly ConnectionMultiplexer _connection;

    private AdaptSilo(IHost host, DataDirectory directory, EmbeddedStore store, ConnectionMultiplexer connection, IPEndPoint gateway)
    {
        _host = host;
        _directory = directory;
        _store = store;
        _connection = connection;
        Gateway = gateway;
    }

    /// <summary>The grains, without a network in between.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Where other processes connect.</summary>
    public IPEndPoint Gateway { get; }

    internal IServiceProvider Services => _host.Services;

    /// <summary>Starts a silo on a data directory that this process has opened and now hands over.</summary>
    /// <exception cref="InvalidInputException">A setting cannot be used, or a port is taken.</exception>
    /// <exception cref="StoreException">The store is damaged.</exception>
    public static Task<AdaptSilo> StartAsync(
        SiloSettings settings, DataDirectory directory, CancellationToken cancellationToken = default) =>
        StartAsync(settings, directory, null, cancellationToken);

    /// <param name="settings">How it runs.</param>
    /// <param name="directory">The data directory.</param>
    /// <param name="extend">Adds to the silo after everything else: a test's own filters for example.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<AdaptSilo> StartAsync(
        SiloSettings settings, DataDirectory directory, Action<ISiloBuilder>? extend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(directory);
        settings.Validate();
        EmbeddedStore? store = null;
        ConnectionMultiplexer? connection = null;
        IHost? host = null;
        try
        {
            var digest = new LogDigest(directory);
            digest.Verify();
            store = EmbeddedStore.Start(directory.StorePath);
            connection = await ConnectionMultiplexer.ConnectAsync(store.Connection());
            var gateway = new IPEndPoint(settings.Address, settings.Port == 0 ? FreePorts.Next() : settings.Port);
            host = Build(settings, directory, digest, connection, gateway, extend);
            host.Services.GetRequiredService<StoreWatermark>().Check();
            await host.StartAsync(cancellationToken);
            directory.Publish(new DirectoryOwner(Environment.ProcessId, settings.Role, gateway.ToString()));
            return new AdaptSilo(host, directory, store, connection, gateway);
        }
        catch (Exception error)
        {
            host?.Dispose();
            connection?.Dispose();
            store?.Dispose();
            directory.Dispose();
            if (IsPortTaken(error))
            {
                throw new InvalidInputException("--port", $"port {settings.Port} is in use", "name another one, or none for any free one");
            }

            throw;
        }
    }

    /// <summary>Opens the device, which otherwise the first computation does, and says in a line what it is.</summary>
    /// <exception cref="InvalidInputException">It is not there.</exception>
    /// <exception cref="AdaptationFailedException">libtorch cannot be loaded.</exception>
    public Task<string> OpenDeviceAsync(CancellationToken cancellationToken = default) =>
        _host.Services.GetRequiredService<DeviceLane>().DescribeAsync(cancellationToken);

    /// <summary>Returns when the process is asked to end.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => _host.WaitForShutdownAsync(cancellationToken);

    /// <summary>Ends what runs, closes the store and lets others open the data directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _connection.DisposeAsync();
        _store.Dispose();
        _directory.Dispose();
    }

    private static IHost Build(
        SiloSettings settings, DataDirectory directory, LogDigest digest, ConnectionMultiplexer connection, IPEndPoint gateway, Action<ISiloBuilder>? extend)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(settings.Role == SiloRole.Shared ? LogLevel.Warning : LogLevel.Critical);
        IServiceCollection services = builder.Services;
        services.AddAdaptGrains();
        services.AddAdaptTelemetry(settings.ConsoleTelemetry);
        services.AddSingleton(Options.Create(settings.Device));
        services.AddSingleton(Options.Create(settings.Solves));
        services.AddSingleton(directory);
        services.AddSingleton<IConnectionMultiplexer>(connection);
        services.AddSingleton(new DiskSpace(directory.Root));
        services.AddSingleton(provider => new DirectoryTensorStore(
            directory.TensorPath, provider.GetRequiredService<DiskSpace>(), provider.GetRequiredService<AdaptInstruments>()));
        services.AddSingleton<ITensorStore>(provider => provider.GetRequiredService<DirectoryTensorStore>());
        services.AddSingleton(digest);
        services.AddSingleton<StoreWatermark>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreWatermark>());
        services.AddHostedService<StagingSweeper>();
        builder.UseOrleans(silo =>
        {
            Configure(silo, settings, gateway, connection);
            extend?.Invoke(silo);
        });
        return builder.Build();
    }

    private static void Configure(ISiloBuilder silo, SiloSettings settings, IPEndPoint gateway, ConnectionMultiplexer connection)
    {
        silo.UseLocalhostClustering(FreePorts.Next(), gateway.Port, null, ClusterIdentity.ServiceId, ClusterIdentity.ClusterId);
        silo.Configure<EndpointOptions>(endpoint => endpoint.AdvertisedIPAddress = settings.Address);
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(60));
        silo.AddActivityPropagation();
        silo.AddOutgoingGrainCallFilter<OwnErrorsFilter>();
        silo.UseInMemoryReminderService().Configure<ReminderOptions>(reminders => reminders.MinimumReminderPeriod = TimeSpan.FromSeconds(1));
        silo.AddRedisGrainStorage(RedisStorage, (OptionsBuilder<RedisStorageOptions> storage) => storage.Configure(options =>
        {
            options.CreateMultiplexer = _ => Task.FromResult<(IConnectionMultiplexer, bool)>((connection, true));
            options.ConfigurationOptions = ConfigurationOptions.Parse(connection.Configuration);
            options.DeleteStateOnClear = true;
            options.GrainStorageSerializer = new RecordBytesSerializer();
        }));
        silo.Services.AddKeyedSingleton<IGrainStorage>(GrainStorage.Name, (provider, _) => new GuardedGrainStorage(
            provider.GetRequiredKeyedService<IGrainStorage>(RedisStorage),
            new ChecksummedSerializer(ActivatorUtilities.CreateInstance<OrleansGrainStorageSerializer>(provider)),
            provider.GetRequiredService<DiskSpace>()));
    }

    private static bool IsPortTaken(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AddressAlreadyInUse }
                or Microsoft.AspNetCore.Connections.AddressInUseException)
            {
                return true;
            }
        }

        return false;
    }
}
