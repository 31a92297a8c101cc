using AdaptCluster.Grains.Backups;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Silo.Clustering;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// The embedded store of another silo, which has opened it with <c>--store-port</c>: records, reminders and membership by the Redis
/// protocol, tensor files by messages to that silo. Nothing lasts here.
/// </summary>
internal sealed class JoinedSiloStore : SiloStore
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    private readonly string _server;
    private readonly ConnectionMultiplexer _connection;
    private readonly SiloBuilds _builds;
    private readonly StoreMemory _memory;

    private JoinedSiloStore(string server, ConnectionMultiplexer connection, SiloBuilds builds)
    {
        _server = server;
        _connection = connection;
        _builds = builds;
        _memory = new StoreMemory(connection, Name, TimeProvider.System);
    }

    public override IConnectionMultiplexer Connection => _connection;

    public override RecordVersions? Versions => null;

    public override string Name => $"the store of the silo at {_server}";

    public override string Description => $"store of {_server}";

    /// <summary>Connects to the store.</summary>
    /// <param name="server">As host:port.</param>
    /// <param name="secret">What the store asks for; null for nothing.</param>
    /// <param name="build">What this silo is.</param>
    /// <exception cref="IncompatibleBuildException">The silo that has it, or another that has joined it, is of another protocol.</exception>
    /// <exception cref="InvalidInputException">It is no silo's store, or asks for another secret.</exception>
    /// <exception cref="StoreException">It does not answer.</exception>
    public static async Task<JoinedSiloStore> OpenAsync(string server, string? secret, BuildDescription build)
    {
        ConnectionMultiplexer? connection = null;
        try
        {
            if (!await StoreDoor.LetsInAsync(server, secret))
            {
                throw new InvalidInputException("--store-secret", $"the store of {server} asks for another one", "name a file with the secret of the silo that has it");
            }

            connection = await ConnectionMultiplexer.ConnectAsync(Connecting(server, secret));
            if (!await connection.GetDatabase().KeyExistsAsync(StoreHostNote.HostKey))
            {
                throw new InvalidInputException(
                    "--join", $"{server} is not the store of a silo", "name the --address and --store-port of one, or give --redis and --tensors for a server");
            }

            return new JoinedSiloStore(server, connection, await SiloBuilds.JoinAsync(connection, build));
        }
        catch (Exception error)
        {
            connection?.Dispose();
            if (error is not (RedisException or TimeoutException or IOException))
            {
                throw;
            }

            throw new StoreException($"the store of {server} of --join does not answer; start the silo that has it, with --store-port, or check the address.", isRetryable: true);
        }
    }

    public override void AddServices(IServiceCollection services)
    {
        services.AddHostedService(_ => _builds);
        services.AddHostedService(_ => _memory);
        services.AddSingleton<StoreHost>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreHost>());
        services.AddSingleton(provider =>
        {
            StoreHost host = provider.GetRequiredService<StoreHost>();
            return new DiskSpace(Name, () => host.Free, _memory);
        });
        services.AddSingleton<ITensorStore, JoinedTensorStore>();
        services.AddSingleton<ITensorArchive, JoinedTensorArchive>();
    }

    public override void UseClustering(ISiloBuilder silo, SiloEndpoints endpoints) => silo.UseAdaptMembership(_connection, endpoints);

    public override async ValueTask DisposeAsync()
    {
        await _builds.LeaveAsync();
        _builds.Dispose();
        await _connection.DisposeAsync();
    }

    private static ConfigurationOptions Connecting(string server, string? secret) => new()
    {
        EndPoints = { server },
        Password = secret,
        ClientName = "adapt",
        ConnectTimeout = (int)s_connectTimeout.TotalMilliseconds,
        ConnectRetry = 1,
    };
}
