using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests.Clustering;

/// <summary>Calls that are lost on their way, as those to a silo that ends are.</summary>
public sealed class LostCallsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _toLose;
    private int _lost;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Call_LostTwice_IsMadeAgainAndDoesWhatItShouldOnce()
    {
        await using AdaptSilo silo = await StartAsync();
        await Silos.RegisterAsync(silo);
        await using ClusterConnection connection = await ConnectAsync(silo, TimeSpan.FromSeconds(20));
        SourceHandle source = new AdaptClient(connection.Grains).Source("source");

        Lose(2);
        int held = await source.Task("t").ObserveAsync(Silos.Rows(4), cancellationToken: Token);
        Lose(2);
        TaskDescription adapted = await source.Task("t").AdaptAsync(Token);
        Lose(1);
        await source.Task("t").DeleteAsync(Token);

        Assert.Equal((5, 4, 1), (_lost, held, adapted.Posterior!.Version));
        await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").DescribeAsync(Token));
        await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").DeleteAsync(Token));
    }

    [Fact]
    public async Task Call_AnsweredAndTheAnswerLost_DoesNothingTwice()
    {
        await using AdaptSilo silo = await StartAsync(afterwards: true);
        await Silos.RegisterAsync(silo);
        await using ClusterConnection connection = await ConnectAsync(silo, TimeSpan.FromSeconds(20));
        SourceHandle source = new AdaptClient(connection.Grains).Source("source");

        Lose(1);
        int held = await source.Task("t").ObserveAsync(Silos.Rows(4), cancellationToken: Token);
        Lose(1);
        await source.Task("t").DeleteAsync(Token);

        Assert.Equal((2, 4), (_lost, held));
    }

    [Fact]
    public async Task Call_LostAndNoneIsToBeMadeAgain_FailsAtOnce()
    {
        await using AdaptSilo silo = await StartAsync();
        await Silos.RegisterAsync(silo);
        await using ClusterConnection connection = await ConnectAsync(silo, TimeSpan.Zero);

        Lose(1);
        CallLostException error = await Assert.ThrowsAsync<CallLostException>(
            () => new AdaptClient(connection.Grains).Source("source").Task("t").ObserveAsync(Silos.Rows(4), cancellationToken: Token));

        Assert.Equal(1, _lost);
        Assert.IsType<SiloUnavailableException>(error.InnerException);
        Assert.Equal((true, false), (error.IsRetryable, error.IsTimeout));
        Assert.StartsWith("ObserveAsync of targettask/default/source/t got no answer for ", error.Message, StringComparison.Ordinal);
    }

    private void Lose(int calls) => Volatile.Write(ref _toLose, calls);

    private async Task<AdaptSilo> StartAsync(bool afterwards = false)
    {
        var settings = new SiloSettings { DataDirectory = _folder.Path, Role = SiloRole.Private, Device = new() { Threads = 1 } };
        DataDirectory directory = DataDirectory.TryOpen(_folder.Path, SiloRole.Private)!;
        return await AdaptSilo.StartAsync(
            settings,
            directory,
            builder => builder.AddIncomingGrainCallFilter(async context =>
            {
                bool isOfTask = context.InterfaceName.Contains("ITargetTaskGrain", StringComparison.Ordinal);
                bool isLost = isOfTask && Interlocked.Decrement(ref _toLose) >= 0;
                if (!isLost || afterwards)
                {
                    await context.Invoke();
                }

                if (isLost)
                {
                    Interlocked.Increment(ref _lost);
                    throw new SiloUnavailableException("lost by the test");
                }
            }),
            Token);
    }

    private static Task<ClusterConnection> ConnectAsync(AdaptSilo silo, TimeSpan repeatFor) => ClusterConnection.ConnectAsync(
        new ClusterConnectionOptions { Gateways = [silo.Gateway], RepeatLostCallsFor = repeatFor }, Token);
}
