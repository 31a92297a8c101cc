using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Silo;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>
/// Several real silos in this process as one cluster over a Redis server and a shared folder, and a client connection to
/// all gateways. What goes between silos travels as it does between processes. Without redis-server the test is skipped.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly TemporaryFolder _tensors = new();
    private readonly RedisServer _redis;
    private readonly List<AdaptSilo> _silos = [];
    private readonly HashSet<int> _ended = [];
    private readonly DeviceOptions? _device;
    private readonly SolveOptions? _solves;
    private readonly Action<int, ISiloBuilder>? _extend;
    private ClusterConnection? _connection;

    private TestCluster(RedisServer redis, DeviceOptions? device, SolveOptions? solves, Action<int, ISiloBuilder>? extend)
    {
        _redis = redis;
        _device = device;
        _solves = solves;
        _extend = extend;
    }

    /// <summary>All that were started, also those that have ended.</summary>
    public IReadOnlyList<AdaptSilo> Silos => _silos;

    public IGrainFactory Grains => _connection!.Grains;

    /// <param name="silos">How many.</param>
    /// <param name="extend">Adds to a silo, by its number, after everything else: services, or filters that inject faults.</param>
    /// <param name="device">Each silo's device; a thread of its own by default.</param>
    /// <param name="solves">The periods and sizes of their solves.</param>
    public static async Task<TestCluster> StartAsync(
        int silos, Action<int, ISiloBuilder>? extend = null, DeviceOptions? device = null, SolveOptions? solves = null)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        var cluster = new TestCluster(
            await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken), device, solves, extend);
        try
        {
            for (int silo = 0; silo < silos; silo++)
            {
                await cluster.AddAsync();
            }

            cluster._connection = await ClusterConnection.ConnectAsync(
                new ClusterConnectionOptions { Gateways = [.. cluster._silos.Select(silo => silo.Gateway)] },
                TestContext.Current.CancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another silo; the client does not use its gateway.</summary>
    public async Task<AdaptSilo> AddAsync()
    {
        var settings = new SiloSettings
        {
            Redis = _redis.Address,
            TensorDirectory = _tensors.Path,
            Role = SiloRole.Private,
            Device = _device ?? new DeviceOptions { Threads = 1 },
            Solves = _solves ?? new SolveOptions(),
        };
        int number = _silos.Count;
        AdaptSilo silo = await AdaptSilo.StartOverRedisAsync(
            settings, builder => _extend?.Invoke(number, builder), TestContext.Current.CancellationToken);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Ends a silo as it ends when asked to: its grains move.</summary>
    public async Task StopAsync(int silo)
    {
        if (_ended.Add(silo))
        {
            await _silos[silo].DisposeAsync();
        }
    }

    public AdaptClient Client(string tenant) => new(Grains, tenant);

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        for (int silo = 0; silo < _silos.Count; silo++)
        {
            await StopAsync(silo);
        }

        await _redis.DisposeAsync();
        _tensors.Dispose();
    }
}
