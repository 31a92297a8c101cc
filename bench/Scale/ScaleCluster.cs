using System.Globalization;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client.Connections;
using AdaptCluster.Tests.Shared;
using StackExchange.Redis;

namespace AdaptCluster.Bench.Scale;

/// <summary>
/// One silo process that has everything, over a Redis server of its own or an embedded store: what it takes is what its tasks take.
/// Disposing ends all.
/// </summary>
internal sealed class ScaleCluster : IAsyncDisposable
{
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(500);

    private readonly string _folder = Directory.CreateTempSubdirectory("adapt-scale-").FullName;
    private readonly RedisServer? _redis;
    private SiloProcess? _silo;
    private int _port;

    private ScaleCluster(RedisServer? redis) => _redis = redis;

    /// <summary>The process of the silo.</summary>
    public SiloProcess Silo => _silo ?? throw new InvalidOperationException("The silo was killed.");

    public bool IsEmbedded => _redis is null;

    public static async Task<ScaleCluster> StartAsync(bool embedded, CancellationToken cancellationToken)
    {
        var cluster = new ScaleCluster(embedded ? null : await RedisServer.StartAsync(cancellationToken: cancellationToken));
        try
        {
            await cluster.StartSiloAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task<ClusterConnection> ConnectAsync(CancellationToken cancellationToken) =>
        ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = [Silo.Gateway], ConnectTimeout = TimeSpan.FromSeconds(60) }, cancellationToken);

    /// <summary>kill -9 of the silo.</summary>
    public async Task KillSiloAsync()
    {
        if (_silo is { } killed)
        {
            _silo = null;
            await killed.DisposeAsync();
        }
    }

    /// <summary>Starts the silo again, where it was.</summary>
    public async Task StartSiloAsync(CancellationToken cancellationToken)
    {
        string[] store = _redis is null
            ? ["--data-dir", Path.Combine(_folder, "data")]
            : ["--redis", _redis.Address, "--tensors", Path.Combine(_folder, "tensors")];
        _silo = await SiloProcess.StartAsync([.. store, "--port", $"{_port}"], cancellationToken);
        _port = _silo.Gateway.Port;
    }

    /// <summary>kill -9 of the silo, and of the Redis server where there is one.</summary>
    public async Task KillAllAsync()
    {
        await KillSiloAsync();
        await (_redis?.KillAsync() ?? Task.CompletedTask);
    }

    /// <summary>Starts everything again, each as soon as it can be.</summary>
    public async Task StartAllAsync(CancellationToken cancellationToken)
    {
        await (_redis?.StartAgainAsync(cancellationToken) ?? Task.CompletedTask);
        await StartSiloAsync(cancellationToken);
    }

    /// <summary>Collects all activations that do nothing, and all garbage.</summary>
    /// <returns>How many tasks are still activated.</returns>
    public static async Task<int> CollectAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        IManagementGrain management = grains.GetGrain<IManagementGrain>(0);
        int active = int.MaxValue;
        for (int tries = 0; tries < 20 && active > 0; tries++)
        {
            await management.ForceActivationCollection(TimeSpan.Zero, cancellationToken);
            SimpleGrainStatistic[] statistics = await management.GetSimpleGrainStatistics(cancellationToken);
            active = statistics.Where(type => type.GrainType.Contains("TargetTaskGrain", StringComparison.Ordinal)).Sum(type => type.ActivationCount);
        }

        await CollectGarbageAsync(grains, cancellationToken);
        return active;
    }

    /// <summary>Collects garbage, and what only a second collection finds.</summary>
    public static async Task CollectGarbageAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        IManagementGrain management = grains.GetGrain<IManagementGrain>(0);
        SiloAddress[] silos = [.. (await management.GetHosts(onlyActive: true, cancellationToken)).Keys];
        for (int times = 0; times < 3; times++)
        {
            await management.ForceGarbageCollection(silos, cancellationToken);
            await Task.Delay(s_settle, cancellationToken);
        }
    }

    /// <summary>What the store keeps: of a server its memory and its log, of a data directory its files.</summary>
    /// <returns>Bytes in memory, 0 where they are the silo's own, and on disk.</returns>
    public async Task<(double Memory, double Disk)> StoredAsync(bool compacted)
    {
        if (_redis is null)
        {
            return (0, new DirectoryInfo(Path.Combine(_folder, "data", "store")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));
        }

        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(
            new ConfigurationOptions { EndPoints = { _redis.Endpoint }, AllowAdmin = true, SyncTimeout = 60_000, AsyncTimeout = 60_000 });
        IServer server = connection.GetServer(_redis.Endpoint);
        if (compacted)
        {
            await server.ExecuteAsync("BGREWRITEAOF");
            while (await NumberAsync(server, "aof_rewrite_in_progress") + await NumberAsync(server, "aof_rewrite_scheduled") > 0)
            {
                await Task.Delay(s_settle);
            }
        }

        return (await NumberAsync(server, "used_memory"), await NumberAsync(server, "aof_current_size"));
    }

    public async ValueTask DisposeAsync()
    {
        await KillSiloAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<double> NumberAsync(IServer server, string name)
    {
        string line = ((string?)await server.ExecuteAsync("INFO", "everything"))!.Split('\n').First(l => l.StartsWith($"{name}:", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(name.Length + 1).Trim(), CultureInfo.InvariantCulture);
    }
}
