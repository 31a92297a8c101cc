using System.Net;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Silo.Clustering;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// A data directory of the silo's own: Garnet in this process, guarded by a digest and a watermark. A cluster of one, unless the store is
/// opened to silos that join it.
/// </summary>
internal sealed class EmbeddedSiloStore : SiloStore
{
    private readonly DataDirectory _directory;
    private readonly SiloRole _role;
    private readonly EmbeddedStore _store;
    private readonly ConnectionMultiplexer _connection;
    private readonly StoreWatermark _watermark;
    private readonly StoreMemory _memory;
    private readonly StoreSharing? _sharing;
    private readonly SiloBuilds? _builds;

    private EmbeddedSiloStore(
        DataDirectory directory,
        SiloRole role,
        EmbeddedStore store,
        ConnectionMultiplexer connection,
        StoreWatermark watermark,
        StoreMemory memory,
        StoreSharing? sharing,
        SiloBuilds? builds)
    {
        _sharing = sharing;
        _builds = builds;
        _directory = directory;
        _role = role;
        _store = store;
        _connection = connection;
        _watermark = watermark;
        _memory = memory;
        Versions = sharing is null ? new RecordVersions(TimeProvider.System) : null; // whoever joins writes, too
    }

    public override IConnectionMultiplexer Connection => _connection;

    public override RecordVersions? Versions { get; }

    public override string Name => NameOf(_directory);

    public override string Description => $"data directory {_directory.Root}{(_sharing is null ? string.Empty : $", store {_sharing.Reached}")}";

    /// <summary>Opens the store of a data directory, which is closed with it, or now if that fails.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="role">What this process is to others that want it.</param>
    /// <param name="sharing">How other silos join it; null for not at all.</param>
    /// <exception cref="IncompatibleBuildException">Silos of another protocol have joined it.</exception>
    /// <exception cref="InvalidInputException">The port for silos that join is taken.</exception>
    /// <exception cref="StoreException">The store is damaged.</exception>
    public static async Task<EmbeddedSiloStore> OpenAsync(DataDirectory directory, SiloRole role, StoreSharing? sharing = null)
    {
        EmbeddedStore? store = null;
        ConnectionMultiplexer? connection = null;
        try
        {
            var digest = new LogDigest(directory);
            digest.Verify();
            store = EmbeddedStore.Start(directory.StorePath, StoreMemory.DefaultBytes, sharing);
            connection = await ConnectionMultiplexer.ConnectAsync(store.Connection());
            var watermark = new StoreWatermark(directory, connection, digest, TimeProvider.System);
            await watermark.CheckAsync();
            var memory = new StoreMemory(connection, NameOf(directory), TimeProvider.System);
            await memory.CheckAsync();
            SiloBuilds? builds = sharing is null ? null : await SiloBuilds.JoinAsync(connection, sharing.Build);
            return new EmbeddedSiloStore(directory, role, store, connection, watermark, memory, sharing, builds);
        }
        catch
        {
            connection?.Dispose();
            store?.Dispose();
            directory.Dispose();
            throw;
        }
    }

    public override void AddServices(IServiceCollection services)
    {
        services.AddDirectoryTensors(_directory.TensorPath, _directory.Root, _memory);
        services.AddHostedService(_ => _watermark);
        services.AddHostedService(_ => _memory);
        if (_builds is not null)
        {
            services.AddHostedService(_ => _builds);
            services.AddHostedService<StoreHostNote>();
        }
    }

    public override void UseClustering(ISiloBuilder silo, SiloEndpoints endpoints)
    {
        if (_sharing is not null)
        {
            silo.UseAdaptMembership(_connection, endpoints);
            return;
        }

        silo.UseLocalhostClustering(endpoints.Silo.Port, endpoints.Gateway.Port, endpoints.Silo, ClusterIdentity.ServiceId, ClusterIdentity.ClusterId);
        endpoints.Use(silo);
    }

    public override void Publish(IPEndPoint gateway) =>
        _directory.Publish(new DirectoryOwner(Environment.ProcessId, _role, gateway.ToString()));

    public override async ValueTask DisposeAsync()
    {
        if (_builds is not null)
        {
            await _builds.LeaveAsync();
            _builds.Dispose();
        }

        await _connection.DisposeAsync();
        _store.Dispose();
        _directory.Dispose();
    }

    private static string NameOf(DataDirectory directory) => $"the store in '{directory.Root}'";
}
