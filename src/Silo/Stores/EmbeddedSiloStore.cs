using System.Net;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>A data directory of the silo's own: Garnet in this process, guarded by a digest and a watermark. A cluster of one.</summary>
internal sealed class EmbeddedSiloStore : SiloStore
{
    private readonly DataDirectory _directory;
    private readonly SiloRole _role;
    private readonly EmbeddedStore _store;
    private readonly ConnectionMultiplexer _connection;
    private readonly StoreWatermark _watermark;

    private EmbeddedSiloStore(
        DataDirectory directory, SiloRole role, EmbeddedStore store, ConnectionMultiplexer connection, StoreWatermark watermark)
    {
        _directory = directory;
        _role = role;
        _store = store;
        _connection = connection;
        _watermark = watermark;
    }

    public override IConnectionMultiplexer Connection => _connection;

    public override string Name => $"the store in '{_directory.Root}'";

    public override string TensorPath => _directory.TensorPath;

    public override string DiskPath => _directory.Root;

    public override string Description => $"data directory {_directory.Root}";

    /// <summary>Opens the store of a data directory, which is closed with it, or now if that fails.</summary>
    /// <exception cref="StoreException">The store is damaged.</exception>
    public static async Task<EmbeddedSiloStore> OpenAsync(DataDirectory directory, SiloRole role)
    {
        EmbeddedStore? store = null;
        ConnectionMultiplexer? connection = null;
        try
        {
            var digest = new LogDigest(directory);
            digest.Verify();
            store = EmbeddedStore.Start(directory.StorePath);
            connection = await ConnectionMultiplexer.ConnectAsync(store.Connection());
            var watermark = new StoreWatermark(directory, connection, digest, TimeProvider.System);
            watermark.Check();
            return new EmbeddedSiloStore(directory, role, store, connection, watermark);
        }
        catch
        {
            connection?.Dispose();
            store?.Dispose();
            directory.Dispose();
            throw;
        }
    }

    public override void AddServices(IServiceCollection services) => services.AddHostedService(_ => _watermark);

    public override void UseClustering(ISiloBuilder silo, SiloEndpoints endpoints)
    {
        silo.UseLocalhostClustering(endpoints.Silo.Port, endpoints.Gateway.Port, endpoints.Silo, ClusterIdentity.ServiceId, ClusterIdentity.ClusterId);
        endpoints.Use(silo);
    }

    public override void Publish(IPEndPoint gateway) =>
        _directory.Publish(new DirectoryOwner(Environment.ProcessId, _role, gateway.ToString()));

    public override async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _store.Dispose();
        _directory.Dispose();
    }
}
