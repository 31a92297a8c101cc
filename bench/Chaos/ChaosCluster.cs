using System.Net;
using System.Net.Sockets;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client.Connections;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Bench.Chaos;

/// <summary>
/// Silo processes to do harm to: three over a Redis server, each with links of its own to the server and to its clients, or one over
/// an embedded store. Disposing ends all of them.
/// </summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("adapt-chaos-").FullName;
    private readonly RedisServer? _redis;
    private readonly SiloProcess?[] _silos;
    private readonly (int Port, int SiloPort)[] _ports;
    private readonly FaultyLink[] _toStore;
    private readonly FaultyLink[] _toClients;

    private ChaosCluster(RedisServer? redis, int silos)
    {
        _redis = redis;
        _silos = new SiloProcess?[silos];
        _ports = [.. Enumerable.Range(0, silos).Select(_ => (FreePort(), FreePort()))];
        _toStore = redis is null ? [] : [.. Enumerable.Range(0, silos).Select(_ => new FaultyLink(() => redis.Endpoint))];
        _toClients = [.. _ports.Select(ports => new FaultyLink(() => new IPEndPoint(IPAddress.Loopback, ports.Port)))];
    }

    public int Count => _silos.Length;

    public bool IsEmbedded => _redis is null;

    /// <summary>The last lines that a silo wrote before it ended by itself.</summary>
    public string LastWords { get; private set; } = string.Empty;

    public static async Task<ChaosCluster> StartAsync(bool embedded, CancellationToken cancellationToken)
    {
        RedisServer? redis = embedded ? null : await RedisServer.StartAsync(cancellationToken: cancellationToken);
        var cluster = new ChaosCluster(redis, embedded ? 1 : 3);
        try
        {
            await cluster.StartMissingAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of all silos whose calls are each tried once, so that every loss is seen.</summary>
    public Task<ClusterConnection> ConnectAsync(TimeSpan responseTimeout, CancellationToken cancellationToken) => ClusterConnection.ConnectAsync(
        new ClusterConnectionOptions
        {
            Gateways = [.. _toClients.Select(link => link.Endpoint)],
            ResponseTimeout = responseTimeout,
            RepeatLostCallsFor = TimeSpan.Zero,
        },
        cancellationToken);

    /// <summary>A client of all silos as the SDK comes.</summary>
    public Task<ClusterConnection> ConnectAsync(CancellationToken cancellationToken) => ClusterConnection.ConnectAsync(
        new ClusterConnectionOptions { Gateways = [.. _toClients.Select(link => link.Endpoint)] }, cancellationToken);

    /// <summary>kill -9.</summary>
    public async Task KillAsync(int silo)
    {
        if (_silos[silo] is { } killed)
        {
            _silos[silo] = null;
            await killed.DisposeAsync();
        }
    }

    public void Pause(int silo) => _silos[silo]?.Pause();

    public void Resume(int silo) => _silos[silo]?.Resume();

    /// <summary>SIGTERM, and waits until it has drained.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync(int silo, CancellationToken cancellationToken)
    {
        SiloProcess ended = _silos[silo]!;
        _silos[silo] = null;
        ended.Terminate();
        int code = await ended.EndAsync(cancellationToken);
        await ended.DisposeAsync();
        return code;
    }

    public FaultyLink LinkToStore(int silo) => _toStore[silo];

    public FaultyLink LinkToClients(int silo) => _toClients[silo];

    /// <summary>SIGSTOP of the Redis server, and SIGCONT with the disposal.</summary>
    public IDisposable HangStore() => new HungProcess(_redis!.ProcessId);

    /// <summary>Has the Redis server take nothing new, or again as much as the machine gives it.</summary>
    public Task FillStoreAsync(bool isFull, CancellationToken cancellationToken) =>
        _redis!.CommandAsync($"CONFIG SET maxmemory {(isFull ? "1mb" : "0")}", cancellationToken);

    /// <summary>What silos send to the Redis server arrives late.</summary>
    public void SlowStore(TimeSpan delay)
    {
        foreach (FaultyLink link in _toStore)
        {
            link.Delay = delay;
        }
    }

    /// <summary>Silos that have ended by themselves.</summary>
    public int CountEnded() => _silos.Count(silo => silo is { HasExited: true });

    public Task KillStoreAsync() => _redis!.KillAsync();

    public Task StartStoreAsync(CancellationToken cancellationToken) => _redis!.StartAgainAsync(cancellationToken);

    /// <summary>Starts a silo in the place of each that was killed, or has ended because it was declared dead.</summary>
    public async Task StartMissingAsync(CancellationToken cancellationToken)
    {
        for (int silo = 0; silo < Count; silo++)
        {
            if (_silos[silo] is { HasExited: true } ended)
            {
                LastWords = $"silo {silo}: {ended.Error[Math.Max(0, ended.Error.Length - 2000)..]}";
                await KillAsync(silo);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Count).Where(silo => _silos[silo] is null).Select(silo => StartAsync(silo, cancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SiloProcess silo in _silos.OfType<SiloProcess>())
        {
            await silo.DisposeAsync();
        }

        foreach (FaultyLink link in _toStore.Concat(_toClients))
        {
            await link.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(int silo, CancellationToken cancellationToken)
    {
        string[] store = IsEmbedded
            ? ["--data-dir", Path.Combine(_folder, "data")]
            : ["--redis", $"{_toStore[silo].Endpoint}", "--tensors", Path.Combine(_folder, "tensors")];
        (int port, int siloPort) = _ports[silo];
        _silos[silo] = await SiloProcess.StartAsync(
            [
                .. store, "--threads", "1", "--port", $"{_toClients[silo].Endpoint.Port}", "--listen-port", $"{port}",
                "--silo-port", $"{siloPort}",
            ],
            cancellationToken);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
