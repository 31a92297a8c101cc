using System.Net;
using AdaptCluster.Grains;
using AdaptCluster.Grains.Backups;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace AdaptCluster.Silo;

/// <summary>A silo in this process over one store: the composition of grains, store, tensors and telemetry.</summary>
public sealed class AdaptSilo : IAsyncDisposable
{
    private static readonly TimeSpan s_storeAnswers = TimeSpan.FromSeconds(2);

    private readonly IHost _host;
    private readonly SiloStore _store;

    private AdaptSilo(IHost host, SiloStore store, IPEndPoint gateway)
    {
        _host = host;
        _store = store;
        Gateway = gateway;
    }

    /// <summary>The grains, without a network in between.</summary>
    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Where other processes connect.</summary>
    public IPEndPoint Gateway { get; }

    /// <summary>Where it keeps what lasts, for a person: <c>data directory DIR</c>, or <c>tensors DIR</c> beside a Redis server.</summary>
    public string Store => _store.Description;

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
    internal static Task<AdaptSilo> StartAsync(
        SiloSettings settings, DataDirectory directory, Action<ISiloBuilder>? extend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(directory);
        return StartAsync(settings, async () => await EmbeddedSiloStore.OpenAsync(directory, settings.Role, StoreSharing.Of(settings)), extend, cancellationToken);
    }

    /// <summary>Starts a silo of the cluster whose Redis server and tensor folder the settings name.</summary>
    /// <exception cref="InvalidInputException">A setting cannot be used, a port is taken, or the server would lose acknowledged writes.</exception>
    /// <exception cref="StoreException">The server does not answer, or the disk is full.</exception>
    public static Task<AdaptSilo> StartOverRedisAsync(SiloSettings settings, CancellationToken cancellationToken = default) =>
        StartOverRedisAsync(settings, null, cancellationToken);

    /// <param name="settings">How it runs.</param>
    /// <param name="extend">Adds to the silo after everything else: a test's own filters for example.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static Task<AdaptSilo> StartOverRedisAsync(
        SiloSettings settings, Action<ISiloBuilder>? extend, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string server = settings.Redis ?? throw new ArgumentException("They name no Redis server.", nameof(settings));
        return StartAsync(
            settings,
            async () => await RedisSiloStore.OpenAsync(server, settings.TensorDirectory!, settings.AllowVolatileStore, settings.Build),
            extend,
            cancellationToken);
    }

    /// <summary>Starts a silo over the store of another silo, which the settings name.</summary>
    /// <exception cref="InvalidInputException">A setting cannot be used, a port is taken, or it is no silo's store.</exception>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public static Task<AdaptSilo> StartJoinedAsync(SiloSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string store = settings.Join ?? throw new ArgumentException("They name no store to join.", nameof(settings));
        return StartAsync(
            settings, async () => await JoinedSiloStore.OpenAsync(store, StoreSharing.ReadSecret(settings.StoreSecretFile), settings.Build), null, cancellationToken);
    }

    /// <summary>Opens the device, which otherwise the first computation does, and says in a line what it is.</summary>
    /// <exception cref="InvalidInputException">It is not there.</exception>
    /// <exception cref="AdaptationFailedException">libtorch cannot be loaded.</exception>
    public Task<string> OpenDeviceAsync(CancellationToken cancellationToken = default) =>
        _host.Services.GetRequiredService<DeviceLane>().DescribeAsync(cancellationToken);

    /// <summary>Returns when the process is asked to end; nothing has ended yet then.</summary>
    public async Task WaitForShutdownAsync(CancellationToken cancellationToken = default)
    {
        CancellationToken stopping = _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var asked = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, asked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Why no work should be sent here now; null where the silo takes any.</summary>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken = default)
    {
        SiloStatus status = _host.Services.GetRequiredService<ISiloStatusOracle>().CurrentStatus;
        if (status != SiloStatus.Active)
        {
            return $"the silo is {status}";
        }

        try
        {
            await _store.Connection.GetDatabase().PingAsync().WaitAsync(s_storeAnswers, cancellationToken);
            return null;
        }
        catch (Exception error) when (error is StackExchange.Redis.RedisException or TimeoutException)
        {
            return "the store does not answer";
        }
    }

    /// <summary>
    /// Lets calls that are under way end, has solves checkpointed and handed over, leaves the cluster and closes the store; a data
    /// directory may then be opened by others. Takes at most <see cref="SiloSettings.DrainSeconds"/>: what has not ended by then
    /// is cut off, as a crash would, and taken up elsewhere.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _host.StopAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or AggregateException { InnerException: OperationCanceledException })
        {
            // Time is up. Everything acknowledged is durable.
        }

        _host.Dispose();
        await _store.DisposeAsync();
    }

    private static async Task<AdaptSilo> StartAsync(
        SiloSettings settings, Func<Task<SiloStore>> open, Action<ISiloBuilder>? extend, CancellationToken cancellationToken)
    {
        settings.Validate();
        SiloStore store = await open();
        IHost? host = null;
        try
        {
            SiloEndpoints endpoints = SiloEndpoints.Of(settings);
            host = Build(settings, store, endpoints, extend);
            await host.StartAsync(cancellationToken);
            store.Publish(endpoints.Gateway);
            return new AdaptSilo(host, store, endpoints.Gateway);
        }
        catch (Exception error)
        {
            host?.Dispose();
            await store.DisposeAsync();
            if (IsPortTaken(error))
            {
                throw settings.SiloPort == 0
                    ? new InvalidInputException("--port", $"port {settings.Port} is in use", "name another one, or none for any free one")
                    : new InvalidInputException("--port", $"port {settings.Port}, or {settings.SiloPort} of --silo-port, is in use", "name other ones");
            }

            throw;
        }
    }

    private static IHost Build(SiloSettings settings, SiloStore store, SiloEndpoints endpoints, Action<ISiloBuilder>? extend)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(settings.Role == SiloRole.Shared ? LogLevel.Warning : LogLevel.Critical);

        // It would warn at every start of reminders more often than a minute; ours end with the solve that they guard.
        builder.Logging.AddFilter("Orleans.Hosting.ReminderOptionsValidator", LogLevel.Error);
        IServiceCollection services = builder.Services;
        services.AddAdaptGrains();
        services.AddAdaptTelemetry(settings.ConsoleTelemetry);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(settings.DrainSeconds));
        services.AddSingleton(settings.Build);
        services.AddSingleton(Options.Create(settings.Device));
        services.AddSingleton(Options.Create(settings.Solves));
        services.AddSingleton(Options.Create(settings.Quotas));
        services.AddSingleton(store.Connection);
        services.AddSingleton(new StoreErrors(store.Name));
        services.AddSingleton<IRecordArchive>(provider => new RedisRecordArchive(store.Connection, store.Versions, provider.GetRequiredService<StoreErrors>()));
        store.AddServices(services);
        builder.UseOrleans(silo =>
        {
            Configure(silo, store, endpoints);
            extend?.Invoke(silo);
        });
        return builder.Build();
    }

    private static void Configure(ISiloBuilder silo, SiloStore store, SiloEndpoints endpoints)
    {
        store.UseClustering(silo, endpoints);
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(60));
        silo.AddActivityPropagation();
        silo.AddOutgoingGrainCallFilter<OwnErrorsFilter>();
        silo.AddAdaptGrainStorage(store.Connection, store.Versions);
        silo.AddAdaptReminders(store.Connection);
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
