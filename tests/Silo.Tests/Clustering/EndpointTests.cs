using System.Net;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Tests.Support;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Silo.Tests.Clustering;

/// <summary>Silos at addresses of their own, as on machines of their own: the loopback network has many.</summary>
public sealed class EndpointTests : IDisposable
{
    private const int MostTasks = 500;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StartOverRedisAsync_TwoAddresses_OneClusterWhicheverIsAsked()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only there every address of the loopback network is one of the machine's");
        await using RedisServer redis = await RedisServer.StartAsync(cancellationToken: Token);
        await using AdaptSilo first = await StartAsync(redis, "127.0.0.2", null);
        await using AdaptSilo second = await StartAsync(redis, "127.0.0.3", IPAddress.Any);
        await Silos.RegisterAsync(first);
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(
            new ClusterConnectionOptions { Gateways = GatewayList.Parse($"{second.Gateway}") }, Token);
        SourceHandle source = new AdaptClient(connection.Grains).Source("source");

        IManagementGrain management = connection.Grains.GetGrain<IManagementGrain>(0);
        Dictionary<SiloAddress, SiloStatus> hosts = await management.GetHosts(onlyActive: true);
        Assert.Equal(["127.0.0.2", "127.0.0.3"], hosts.Keys.Select(host => $"{host.Endpoint.Address}").Order(StringComparer.Ordinal));
        var seen = new HashSet<SiloAddress?>();

        // Where a task comes to be depends on the silos' load: sooner or later both have one.
        for (int i = 0; seen.Count < 2 && i < MostTasks; i++)
        {
            await source.Task($"t{i}").AdaptAsync(Silos.Rows(4), Token);
            seen.Add(await management.GetActivationAddress(connection.Grains.GetGrain<ITargetTaskGrain>(source.Task($"t{i}").Key.ToString())));
        }

        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public async Task StartAsync_EmbeddedAtAnotherAddress_AnswersThere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only there every address of the loopback network is one of the machine's");
        await using AdaptSilo silo = await AdaptSilo.StartAsync(
            new SiloSettings { DataDirectory = _folder.Path, Role = SiloRole.Private, Address = IPAddress.Parse("127.0.0.2"), Device = new DeviceOptions { Threads = 1 } },
            DataDirectory.TryOpen(_folder.Path, SiloRole.Private)!,
            Token);

        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = [silo.Gateway] }, Token);

        Assert.Equal("127.0.0.2", $"{silo.Gateway.Address}");
        Assert.Empty(await new AdaptClient(connection.Grains).ListSourcesAsync(Token));
    }

    private Task<AdaptSilo> StartAsync(RedisServer redis, string address, IPAddress? listen) => AdaptSilo.StartOverRedisAsync(
        new SiloSettings
        {
            Redis = redis.Address,
            TensorDirectory = _folder.Path,
            Role = SiloRole.Private,
            Address = IPAddress.Parse(address),
            Listen = listen,
            Device = new DeviceOptions { Threads = 1 },
        },
        Token);
}
