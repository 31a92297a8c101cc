using AdaptCluster.Client.Connections;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Bench.Clusters;

/// <summary>Several silo processes on loopback over a Redis server of their own. Disposing ends all of them.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("adapt-bench-").FullName;
    private readonly RedisServer _redis;
    private readonly SiloProcess?[] _silos;
    private readonly int[] _ports;
    private readonly int _threads;

    private SiloCluster(RedisServer redis, int silos, int threads)
    {
        _redis = redis;
        _silos = new SiloProcess?[silos];
        _ports = new int[silos];
        _threads = threads;
    }

    public int Count => _silos.Length;

    /// <summary>Starts all at once.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="threads">Of the device of each.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SiloCluster> StartAsync(int silos, int threads, CancellationToken cancellationToken)
    {
        var cluster = new SiloCluster(await RedisServer.StartAsync(cancellationToken: cancellationToken), silos, threads);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, silos).Select(silo => cluster.StartAgainAsync(silo, cancellationToken)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects this process to all silos.</summary>
    public Task<ClusterConnection> ConnectAsync(TimeSpan? responseTimeout, CancellationToken cancellationToken)
    {
        var options = new ClusterConnectionOptions { Gateways = [.. _silos.OfType<SiloProcess>().Select(silo => silo.Gateway)] };
        return ClusterConnection.ConnectAsync(
            responseTimeout is { } timeout ? new ClusterConnectionOptions { Gateways = options.Gateways, ResponseTimeout = timeout } : options,
            cancellationToken);
    }

    /// <summary>Which silo has the activation of a grain; null where none has.</summary>
    public async Task<int?> SiloOfAsync(IGrainFactory grains, IAddressable grain)
    {
        IManagementGrain management = grains.GetGrain<IManagementGrain>(0);
        SiloAddress? address = await management.GetActivationAddress(grain);
        MembershipEntry? entry = (await management.GetDetailedHosts(onlyActive: true)).FirstOrDefault(host => host.SiloAddress.Equals(address));
        int silo = entry is null ? -1 : Array.IndexOf(_ports, entry.ProxyPort);
        return silo < 0 ? null : silo;
    }

    /// <summary>kill -9; returns when the process is gone.</summary>
    /// <returns>What it had written.</returns>
    public async Task<string> KillAsync(int silo)
    {
        SiloProcess killed = _silos[silo] ?? throw new InvalidOperationException($"Silo {silo} was killed.");
        _silos[silo] = null;
        await killed.DisposeAsync();
        return killed.Error;
    }

    /// <summary>Starts a silo where one was killed; clients reach it where that one was.</summary>
    public async Task StartAgainAsync(int silo, CancellationToken cancellationToken)
    {
        SiloProcess started = await SiloProcess.StartAsync(
            ["--redis", _redis.Address, "--tensors", Path.Combine(_folder, "tensors"), "--threads", $"{_threads}", "--port", $"{_ports[silo]}"],
            cancellationToken);
        _silos[silo] = started;
        _ports[silo] = started.Gateway.Port;
    }

    /// <summary>What the silos that are alive wrote.</summary>
    public string Logs() => string.Join('\n', _silos.Select((silo, i) => $"silo {i}:\n{silo?.Error}"));

    public async ValueTask DisposeAsync()
    {
        foreach (SiloProcess silo in _silos.OfType<SiloProcess>())
        {
            await silo.DisposeAsync();
        }

        await _redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
