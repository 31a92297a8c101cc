using System.Net;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>
/// Several silo processes over one Redis server and one folder of tensors. Without redis-server the test is skipped.
/// Disposing ends all of them.
/// </summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly DataFolder _folder = new();
    private readonly string[] _arguments;
    private readonly SiloProcess?[] _silos;

    private SiloCluster(RedisServer redis, int silos, string[] arguments)
    {
        Redis = redis;
        Link = new FaultyLink(() => redis.Endpoint);
        _silos = new SiloProcess?[silos];
        _arguments = arguments;
    }

    public RedisServer Redis { get; }

    /// <summary>By which the silos reach the server.</summary>
    public FaultyLink Link { get; }

    public string Tensors => _folder.File("tensors");

    public int Count => _silos.Length;

    /// <summary>The silos that were not killed.</summary>
    public IEnumerable<SiloProcess> Alive => _silos.OfType<SiloProcess>();

    /// <summary>A silo that was not killed.</summary>
    public SiloProcess this[int silo] => _silos[silo] ?? throw new InvalidOperationException($"silo {silo} was killed");

    /// <summary>Starts all at once.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="arguments">What each is given beside the store, as <c>--threads 1</c>.</param>
    public static async Task<SiloCluster> StartAsync(int silos, params IEnumerable<string> arguments)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        var cluster = new SiloCluster(
            await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken), silos, [.. arguments]);
        try
        {
            await cluster.StartMissingAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a silo in the place of each one that was killed: every other by <c>adapt silo</c>, the rest by its own program.</summary>
    public Task StartMissingAsync() => Task.WhenAll(Enumerable.Range(0, Count).Where(silo => _silos[silo] is null).Select(silo => StartOneAsync(silo)));

    /// <summary>kill -9; returns when the process is gone.</summary>
    public async Task KillAsync(int silo)
    {
        SiloProcess killed = this[silo];
        _silos[silo] = null;
        killed.Process.Kill();
        await killed.DisposeAsync();
    }

    /// <summary>SIGTERM, and when it has ended by itself another in its place, where clients reached it before.</summary>
    public async Task<CommandResult> RestartAsync(int silo, TimeSpan longest)
    {
        SiloProcess old = this[silo];
        old.Process.Terminate();
        CommandResult ended = await old.Process.EndAsync(longest);
        _silos[silo] = null;
        await old.DisposeAsync();
        await StartOneAsync(silo, "--port", $"{old.Gateway.Port}");
        return ended;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SiloProcess silo in Alive)
        {
            silo.Process.Kill();
            await silo.DisposeAsync();
        }

        await Link.DisposeAsync();
        await Redis.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartOneAsync(int silo, params string[] more) =>
        _silos[silo] = await SiloProcess.StartOverRedisAsync($"{Link.Endpoint}", Tensors, service: silo % 2 == 1, [.. _arguments, .. more]);

    /// <summary>Where a grain is, as the number of its silo.</summary>
    public static async Task<int> SiloOfAsync(IGrainFactory grains, IAddressable grain, IPEndPoint[] gateways)
    {
        IManagementGrain management = grains.GetGrain<IManagementGrain>(0);
        SiloAddress? address = await management.GetActivationAddress(grain);
        MembershipEntry entry = Assert.Single(await management.GetDetailedHosts(onlyActive: true), host => host.SiloAddress.Equals(address));
        return Array.FindIndex(gateways, gateway => gateway.Port == entry.ProxyPort);
    }
}
