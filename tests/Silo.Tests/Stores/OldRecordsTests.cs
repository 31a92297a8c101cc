using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Tests.Support;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>What silos wrote through Orleans' own storage is read, followed and removed, and the other way round: data directories and Redis servers.</summary>
public sealed class OldRecordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task DataDirectory_WrittenByOrleansStorage_IsTakenUpAndGivenBack() => IsTakenUpAndGivenBackAsync(extend =>
    {
        var settings = new SiloSettings { DataDirectory = _folder.Path, Role = SiloRole.Private, Device = new DeviceOptions { Threads = 1 } };
        return AdaptSilo.StartAsync(settings, DataDirectory.TryOpen(_folder.Path, SiloRole.Private)!, extend, Token);
    });

    [Fact]
    public async Task Redis_WrittenByOrleansStorage_IsTakenUpAndGivenBack()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using RedisServer redis = await RedisServer.StartAsync(cancellationToken: Token);
        await IsTakenUpAndGivenBackAsync(extend => AdaptSilo.StartOverRedisAsync(
            new SiloSettings { Redis = redis.Address, TensorDirectory = _folder.Path, Role = SiloRole.Private, Device = new DeviceOptions { Threads = 1 } }, extend, Token));
    }

    // Silos over one store, one after the other: old, new, old.
    private static async Task IsTakenUpAndGivenBackAsync(Func<Action<ISiloBuilder>?, Task<AdaptSilo>> start)
    {
        Rows asked = Silos.Rows(3, seed: 9).Inputs;
        Prediction expected;
        await using (AdaptSilo old = await start(OrleansOnlyStorage.Use))
        {
            SourceHandle source = await Silos.RegisterAsync(old);
            await source.Task("adapted").AdaptAsync(Silos.Rows(4), cancellationToken: Token);
            await source.Task("observed").ObserveAsync(Silos.Rows(3), cancellationToken: Token);
            await source.Task("deleted").AdaptAsync(Silos.Rows(4), cancellationToken: Token);
            expected = await source.Task("adapted").PredictAsync(asked, Token);
        }

        Prediction next;
        await using (AdaptSilo silo = await start(null))
        {
            SourceHandle source = new Client.AdaptClient(silo.Grains).Source("source");
            AssertSame(expected, await source.Task("adapted").PredictAsync(asked, Token));
            Assert.Equal(3, (await source.Task("observed").DescribeAsync(Token)).Observations);
            Assert.Equal(2, (await source.Task("adapted").AdaptAsync(Silos.Rows(5, seed: 2), cancellationToken: Token)).Posterior!.Version);
            await source.Task("observed").AdaptAsync(cancellationToken: Token);
            await source.Task("added").AdaptAsync(Silos.Rows(6), cancellationToken: Token);
            await source.Task("deleted").DeleteAsync(Token);
            next = await source.Task("adapted").PredictAsync(asked, Token);
        }

        await using AdaptSilo again = await start(OrleansOnlyStorage.Use);
        SourceHandle same = new Client.AdaptClient(again.Grains).Source("source");
        AssertSame(next, await same.Task("adapted").PredictAsync(asked, Token));
        Assert.Equal(["adapted", "added", "observed"], (await same.ListTaskNamesAsync(Token)).Order());
        Assert.Equal(TargetTaskStatus.Ready, (await same.Task("observed").DescribeAsync(Token)).Status);
        Assert.Equal(3, (await same.Task("adapted").AdaptAsync(Silos.Rows(5, seed: 3), cancellationToken: Token)).Posterior!.Version);
    }

    // The posterior is computed again from the rows, with the same work.
    private static void AssertSame(Prediction expected, Prediction actual)
    {
        Assert.Equal(expected.Version, actual.Version);
        for (int row = 0; row < expected.Mean.Count; row++)
        {
            Assert.Equal(expected.Mean[row][0], actual.Mean[row][0], 1e-10);
            Assert.Equal(expected.LatentVariance[row][0], actual.LatentVariance[row][0], 1e-10);
        }
    }
}
