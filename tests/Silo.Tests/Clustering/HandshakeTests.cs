using AdaptCluster.Client.Connections;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using AdaptCluster.Silo.Tests.Support;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Silo.Tests.Clustering;

/// <summary>Builds that do not understand each other's messages say so instead of misreading them.</summary>
public sealed class HandshakeTests : IDisposable
{
    private static readonly BuildDescription s_newer = new(BuildDescription.Current.Protocol + 1, "9.9.9");

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ConnectAsync_ClientOfAnotherProtocol_RefusedWithBothVersions()
    {
        await using AdaptSilo silo = await Silos.StartAsync(_folder.Path);

        IncompatibleBuildException error = await Assert.ThrowsAsync<IncompatibleBuildException>(
            () => ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = [silo.Gateway], Build = s_newer }, Token));

        Assert.Equal(
            $"this client: version 9.9.9 (protocol {s_newer.Protocol}) does not go with the cluster's silo, "
            + $"version {BuildDescription.Current.Version} (protocol {BuildDescription.Current.Protocol}); use the version that the cluster is.",
            error.Message);
    }

    [Fact]
    public async Task ConnectAsync_ClientOfAnotherVersionAndTheSameProtocol_Connects()
    {
        await using AdaptSilo silo = await Silos.StartAsync(_folder.Path);

        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(
            new ClusterConnectionOptions { Gateways = [silo.Gateway], Build = BuildDescription.Current with { Version = "0.0.1" } }, Token);

        Assert.Equal(BuildDescription.Current, await connection.Grains.GetGrain<IHandshakeGrain>(0).GreetAsync(BuildDescription.Current, Token));
    }

    [Fact]
    public async Task StartAsync_SiloOfAnotherProtocolThanTheCluster_RefusedUntilThatHasEnded()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using RedisServer redis = await RedisServer.StartAsync(cancellationToken: Token);
        await using (AdaptSilo silo = await StartAsync(redis, BuildDescription.Current))
        {
            await using AdaptSilo same = await StartAsync(redis, BuildDescription.Current with { Version = "0.0.1" });

            IncompatibleBuildException error = await Assert.ThrowsAsync<IncompatibleBuildException>(() => StartAsync(redis, s_newer));

            Assert.Equal((s_newer, BuildDescription.Current.Protocol), (error.Own, error.Found.Protocol));
            Assert.EndsWith("stop those first, or start the version that they are.", error.Message, StringComparison.Ordinal);
        }

        await using AdaptSilo newer = await StartAsync(redis, s_newer);
    }

    private Task<AdaptSilo> StartAsync(RedisServer redis, BuildDescription build) => AdaptSilo.StartOverRedisAsync(
        new SiloSettings
        {
            Redis = redis.Address,
            TensorDirectory = _folder.Path,
            Role = SiloRole.Private,
            Build = build,
            Device = new DeviceOptions { Threads = 1 },
        },
        Token);
}
