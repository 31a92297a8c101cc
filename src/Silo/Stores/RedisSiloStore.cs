using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Silo.Clustering;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>A Redis server and a folder of tensor files that several silos share: they are one cluster.</summary>
internal sealed class RedisSiloStore : SiloStore
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    private readonly ConnectionMultiplexer _connection;
    private readonly SiloBuilds _builds;
    private readonly RedisWatermark _watermark;

    private RedisSiloStore(ConnectionMultiplexer connection, string server, string tensorPath, SiloBuilds builds, RedisWatermark watermark)
    {
        Name = $"the Redis server {server}";
        _connection = connection;
        _builds = builds;
        _watermark = watermark;
        TensorPath = tensorPath;
    }

    public override IConnectionMultiplexer Connection => _connection;

    public override RecordVersions? Versions => null;

    public override string Name { get; }

    /// <summary>The folder of the tensor files.</summary>
    public string TensorPath { get; }

    public override string Description => $"tensors {TensorPath}";

    /// <summary>Connects to the server and checks that server and folder can be used, and belong together.</summary>
    /// <param name="server">As host:port.</param>
    /// <param name="tensors">The folder; the first silo creates it.</param>
    /// <param name="allowVolatile">Whether the server may lose acknowledged writes.</param>
    /// <param name="build">What this silo is.</param>
    /// <exception cref="IncompatibleBuildException">Silos that this one does not understand run on the server.</exception>
    /// <exception cref="InvalidInputException">The server would lose acknowledged writes, or the folder cannot be used.</exception>
    /// <exception cref="StoreException">The server does not answer, or the disk is full.</exception>
    public static async Task<RedisSiloStore> OpenAsync(string server, string tensors, bool allowVolatile, BuildDescription build)
    {
        string path = Path.GetFullPath(tensors);
        ConnectionMultiplexer? connection = null;
        try
        {
            connection = await ConnectionMultiplexer.ConnectAsync(Connecting(server));
            if (!allowVolatile)
            {
                await RedisDurability.RequireAsync(connection, server);
            }

            await StoreIdentity.RequireSameAsync(connection, path);
            DiskSpace.Require(path, DiskSpace.AtStart);
            var watermark = new RedisWatermark(connection, path, TimeProvider.System);
            if (!allowVolatile)
            {
                await watermark.CheckAsync();
            }

            return new RedisSiloStore(connection, server, path, await SiloBuilds.JoinAsync(connection, build), watermark);
        }
        catch (Exception error)
        {
            connection?.Dispose();
            if (error is RedisException or TimeoutException)
            {
                throw new StoreException(
                    $"the Redis server {server} of --redis does not answer; start it or check the address, then try again.", isRetryable: true);
            }

            throw;
        }
    }

    public override void AddServices(IServiceCollection services)
    {
        services.AddDirectoryTensors(TensorPath, TensorPath);
        services.AddHostedService(_ => _builds);
        services.AddHostedService(_ => _watermark);
    }

    public override void UseClustering(ISiloBuilder silo, SiloEndpoints endpoints) => silo.UseAdaptMembership(_connection, endpoints);

    public override async ValueTask DisposeAsync()
    {
        await _builds.LeaveAsync();
        _builds.Dispose();
        _watermark.Dispose();
        await _connection.DisposeAsync();
    }

    private static ConfigurationOptions Connecting(string server) => new()
    {
        EndPoints = { server },
        ClientName = "adapt",
        ConnectTimeout = (int)s_connectTimeout.TotalMilliseconds,
        ConnectRetry = 1,
    };
}
