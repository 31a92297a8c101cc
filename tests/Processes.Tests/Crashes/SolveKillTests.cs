using System.Net;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Crashes;

/// <summary>kill -9 of one of three silo processes in the middle of a solve: it goes on elsewhere, and nobody can tell from its numbers.</summary>
public sealed class SolveKillTests
{
    private const int RowCount = 6_000;

    /// <summary>The coordinator has written a checkpoint by then, and there is more to do than before.</summary>
    private const int KilledAfter = 20;

    /// <summary>
    /// In posterior standard deviations. What is solved again is solved from the last checkpoint to the same residual, which the planner asks to be within 1e-6 of a
    /// prior standard deviation; like machines give the same bits, but speeds that are measured on a busy one may cut the shards otherwise.
    /// </summary>
    private const double Tolerance = 1e-4;

    /// <summary>Detection, loading, and what was lost, on busy cores.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(3);

    /// <summary>One try of a call; a call to a silo that died says nothing for longer.</summary>
    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly Rows s_probe = GeneratedSource.Rows(50, seed: 9).Inputs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kill_InTheMiddleOfASolve_EndsWithTheSamePredictions(bool killsCoordinator)
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        IPEndPoint[] gateways = [.. cluster.Alive.Select(silo => silo.Gateway)];
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(
            new ClusterConnectionOptions { Gateways = gateways, ResponseTimeout = s_try * 5 }, Token);
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), Token);
        LabelledRows rows = GeneratedSource.Rows(RowCount, seed: 1);
        await source.Task("undisturbed").AdaptAsync(rows, GeneratedSource.LongSolve, Token);
        Prediction expected = await source.Task("undisturbed").PredictAsync(s_probe, Token);
        TaskHandle task = source.Task("disturbed");
        await task.ObserveAsync(rows, cancellationToken: Token);

        TaskDescription begun = await task.BeginAdaptAsync(GeneratedSource.LongSolve, Token);
        Assert.Equal(TargetTaskStatus.Solving, begun.Status);
        Task<TaskDescription> solving = task.AdaptAsync(GeneratedSource.LongSolve, Token);
        SolveDescription solve = await UntilAsync(task, KilledAfter);
        int coordinator = await SiloCluster.SiloOfAsync(connection.Grains, connection.Grains.GetGrain<ISolveCoordinatorGrain>(solve.Key), gateways);
        await cluster.KillAsync(killsCoordinator ? coordinator : (coordinator + 1) % cluster.Count);
        TaskDescription solved = await solving.WaitAsync(s_longest, Token);

        Assert.Equal((TargetTaskStatus.Ready, 1), (solved.Status, solved.Posterior!.Version));
        Prediction actual = await RetryAsync(() => task.PredictAsync(s_probe, Token));
        Assert.All(Enumerable.Range(0, s_probe.Count), i =>
        {
            double deviation = Math.Sqrt(expected.LatentVariance.Values[i]);
            Assert.Equal(expected.Mean.Values[i], actual.Mean.Values[i], Tolerance * deviation);
            Assert.Equal(deviation, Math.Sqrt(actual.LatentVariance.Values[i]), Tolerance * deviation);
        });
    }

    private static async Task<SolveDescription> UntilAsync(TaskHandle task, int iteration)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(s_longest);
        while (true)
        {
            TaskDescription description = await task.DescribeAsync(deadline.Token);
            Assert.Equal(TargetTaskStatus.Solving, description.Status);
            if (description.Solve is { } solve && solve.Iteration >= iteration)
            {
                return solve;
            }

            await Task.Delay(s_poll, deadline.Token);
        }
    }

    private static async Task<Prediction> RetryAsync(Func<Task<Prediction>> predict)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(s_longest);
        while (true)
        {
            try
            {
                return await predict();
            }
            catch (Exception error) when (error is TimeoutException or OrleansException or AdaptException { IsRetryable: true })
            {
                await Task.Delay(s_poll, deadline.Token);
            }
        }
    }
}
