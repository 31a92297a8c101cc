using System.Net;
using System.Net.Sockets;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.Health;
using AdaptCluster.Silo.Tests.Support;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Silo.Tests.Health;

public sealed class HealthEndpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HealthState _state = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Get_InEveryStateOfItsLife_SaysWhetherWorkMayBeSent()
    {
        await using HealthEndpoint health = await StartAsync();
        using var client = new HttpClient { BaseAddress = health.Address };

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "the silo starts"), await GetAsync(client, HealthEndpoint.ReadyPath));
        await using (AdaptSilo silo = await Silos.StartAsync(_folder.Path))
        {
            _state.Started(silo.FindProblemAsync);
            Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync(client, HealthEndpoint.ReadyPath));
        }

        _state.Draining();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "the silo drains"), await GetAsync(client, HealthEndpoint.ReadyPath));
        Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync(client, HealthEndpoint.LivePath));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(client, "/")).Status);
    }

    [Fact]
    public async Task Get_TheStoreIsGone_NotReadyUntilItIsBack()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using RedisServer redis = await RedisServer.StartAsync(cancellationToken: Token);
        await using AdaptSilo silo = await AdaptSilo.StartOverRedisAsync(
            new SiloSettings { Redis = redis.Address, TensorDirectory = _folder.Path, Role = SiloRole.Private }, Token);
        Assert.Null(await silo.FindProblemAsync(Token));

        await redis.KillAsync();
        Assert.Equal("the store does not answer", await silo.FindProblemAsync(Token));
        await redis.StartAgainAsync(Token);

        await Eventually.HoldsAsync(async () => await silo.FindProblemAsync(Token) is null);
    }

    [Fact]
    public async Task StartAsync_PortIsTaken_Refused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => HealthEndpoint.StartAsync(IPAddress.Loopback, port, _state, Token));

        Assert.Equal($"--health-port: port {port} is in use; name another one.", error.Message);
    }

    private Task<HealthEndpoint> StartAsync() => HealthEndpoint.StartAsync(IPAddress.Loopback, 0, _state, Token);

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(HttpClient client, string path)
    {
        using HttpResponseMessage answer = await client.GetAsync(path, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }
}
