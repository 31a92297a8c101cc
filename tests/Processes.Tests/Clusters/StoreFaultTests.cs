using System.Diagnostics;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Support;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Processes.Tests.Clusters;

/// <summary>
/// The store of three silos is full, slow, hangs or is gone, while tasks are written and a solve runs on all of them: clear errors,
/// nothing acknowledged that is not kept, and everything works again without a silo being restarted.
/// </summary>
public sealed class StoreFaultTests
{
    private const int SolveRows = 6_000;

    /// <summary>Calls that are refused before the store is mended: every writer, more than once.</summary>
    private const int Refusals = 18;

    /// <summary>In posterior standard deviations, as in <see cref="Crashes.SolveKillTests"/>: a solve that goes on from a checkpoint ends with the same residual.</summary>
    private const double Tolerance = 1e-4;

    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(500);

    /// <summary>Every call waits for the store for 5 s before it says that it does not answer.</summary>
    private static readonly TimeSpan s_untilRefused = TimeSpan.FromSeconds(60);

    /// <summary>Connections are made again, and busy cores answer late.</summary>
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan s_solve = TimeSpan.FromMinutes(3);
    private static readonly Rows s_probe = GeneratedSource.Rows(50, seed: 9).Inputs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Full_NothingIsAcknowledgedUntilThereIsRoom() => SurvivesAsync(async (cluster, load) =>
    {
        await cluster.Redis.CommandAsync("CONFIG SET maxmemory 1mb", Token);
        await load.UntilRefusedAsync(Refusals, s_untilRefused, Token);
        Assert.EndsWith("raise its maxmemory or free memory there, then try again.", load.Refused[^1], StringComparison.Ordinal);
        Assert.Contains($"the Redis server {cluster.Link.Endpoint} is full", load.Refused[^1], StringComparison.Ordinal);

        // Whoever has been refused once is refused again: nothing comes through.
        int acknowledged = load.Acknowledged;
        await load.UntilRefusedAsync(Refusals, s_untilRefused, Token);
        Assert.Equal(acknowledged, load.Acknowledged);
        await cluster.Redis.CommandAsync("CONFIG SET maxmemory 0", Token);
    });

    [Fact]
    public Task Slow_CallsTakeLongerAndNoneIsLost() => SurvivesAsync(async (cluster, load) =>
    {
        cluster.Link.Delay = s_delay;
        int before = load.Acknowledged;
        for (int round = 0; round < 3; round++)
        {
            await load.UntilAllWriteAsync(s_untilRefused, Token);
        }

        Assert.True(load.Acknowledged > before);
        Assert.Empty(load.Refused);
        cluster.Link.Delay = TimeSpan.Zero;
    });

    [Fact]
    public Task Hangs_RefusedWithTheServersName() => SurvivesAsync(async (cluster, load) =>
    {
        using (new HungProcess(cluster.Redis.ProcessId))
        {
            await load.UntilRefusedAsync(Refusals, s_untilRefused, Token);
        }

        AssertDoesNotAnswer(cluster, load);
    });

    [Fact]
    public Task Gone_RefusedWithTheServersName() => SurvivesAsync(async (cluster, load) =>
    {
        await cluster.Redis.KillAsync();
        await load.UntilRefusedAsync(Refusals, s_untilRefused, Token);
        await cluster.Redis.StartAgainAsync(Token);
        AssertDoesNotAnswer(cluster, load);
    });

    private static void AssertDoesNotAnswer(SiloCluster cluster, FaultLoad load)
    {
        Assert.All(load.Refused, message =>
        {
            Assert.StartsWith($"the Redis server {cluster.Link.Endpoint} ", message, StringComparison.Ordinal);
            Assert.Contains("; try again", message, StringComparison.Ordinal);
        });
    }

    private static async Task SurvivesAsync(Func<SiloCluster, FaultLoad, Task> fault)
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        int[] processes = [.. cluster.Alive.Select(silo => silo.Process.Id)];
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(
            new ClusterConnectionOptions { Gateways = [.. cluster.Alive.Select(silo => silo.Gateway)] }, Token);
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), Token);
        await source.Task("there before").AdaptAsync(GeneratedSource.Rows(20, seed: 5), Token);
        Prediction undisturbed = await SolveAsync(source.Task("undisturbed"));
        TaskHandle solved = source.Task("disturbed");
        await solved.ObserveAsync(GeneratedSource.Rows(SolveRows, seed: 1), cancellationToken: Token);
        var load = new FaultLoad(source);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task writing = load.RunAsync(stop.Token);
        await load.UntilAllWriteAsync(s_recovery, Token);
        await solved.BeginAdaptAsync(GeneratedSource.LongSolve, Token);

        await fault(cluster, load);

        long mended = Stopwatch.GetTimestamp();
        int predictions = load.Predictions;
        await load.UntilAllWriteAsync(s_recovery, Token);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{load.Refused.Count} refused, {load.Acknowledged} batches acknowledged, {predictions} predictions until it was mended; all write again {Stopwatch.GetElapsedTime(mended).TotalSeconds:0.0} s after\n"
            + string.Join('\n', load.Refused.Distinct().Take(5)));
        await stop.CancelAsync();
        await writing;
        Assert.True(load.Unexpected.Count == 0, string.Join("\n", load.Unexpected));
        Assert.Equal(processes, cluster.Alive.Select(silo => silo.Process.Id));
        Assert.DoesNotContain(cluster.Alive, silo => silo.Process.HasExited);
        await load.VerifyAsync(source);
        AssertSame(undisturbed, await SolveAsync(solved));

        // Membership is written again: the loss of a silo is noticed, and another joins.
        await cluster.KillAsync(2);
        await cluster.StartMissingAsync();
        await load.VerifyAsync((await cluster[2].ConnectAsync()).Source("generated"));
    }

    private static async Task<Prediction> SolveAsync(TaskHandle task)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(s_solve);
        await task.ObserveAsync(GeneratedSource.Rows(SolveRows, seed: 1), cancellationToken: deadline.Token);
        TaskDescription adapted = await task.AdaptAsync(GeneratedSource.LongSolve, deadline.Token);
        Assert.Equal((TargetTaskStatus.Ready, 1), (adapted.Status, adapted.Posterior!.Version));
        return await task.PredictAsync(s_probe, deadline.Token);
    }

    private static void AssertSame(Prediction expected, Prediction actual) => Assert.All(Enumerable.Range(0, s_probe.Count), i =>
    {
        double deviation = Math.Sqrt(expected.LatentVariance.Values[i]);
        Assert.Equal(expected.Mean.Values[i], actual.Mean.Values[i], Tolerance * deviation);
        Assert.Equal(deviation, Math.Sqrt(actual.LatentVariance.Values[i]), Tolerance * deviation);
    });
}
