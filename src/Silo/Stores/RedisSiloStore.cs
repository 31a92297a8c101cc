using System.Net;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.Clustering;
using AdaptCluster.Silo.DataDirectories;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>A Redis server and a folder of tensor files that several silos share: they are one cluster.</summary>
internal sealed class RedisSiloStore : SiloStore
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    private readonly ConnectionMultiplexer _connection;

    private RedisSiloStore(ConnectionMultiplexer connection, string tensorPath)
    {
        _connection = connection;
        TensorPath = tensorPath;
    }

    public override IConnectionMultiplexer Connection => _connection;

    public override bool IsShared => true;

    public override string TensorPath { get; }

    public override string DiskPath => TensorPath;

    public override string Description => $"tensors {TensorPath}";

    /// <summary>Connects to the server and checks that server and folder can be used, and belong together.</summary>
    /// <param name="server">As host:port.</param>
    /// <param name="tensors">The folder; the first silo creates it.</param>
    /// <param name="allowVolatile">Whether the server may lose acknowledged writes.</param>
    /// <exception cref="InvalidInputException">The server would lose acknowledged writes, or the folder cannot be used.</exception>
    /// <exception cref="StoreException">The server does not answer, or the disk is full.</exception>
    public static async Task<RedisSiloStore> OpenAsync(string server, string tensors, bool allowVolatile)
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
            return new RedisSiloStore(connection, path);
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

    public override void UseClustering(ISiloBuilder silo, IPEndPoint gateway) => silo.UseAdaptMembership(_connection, gateway);

    public override ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static ConfigurationOptions Connecting(string server) => new()
    {
        EndPoints = { server },
        ClientName = "adapt",
        ConnectTimeout = (int)s_connectTimeout.TotalMilliseconds,
        ConnectRetry = 1,
    };
}
