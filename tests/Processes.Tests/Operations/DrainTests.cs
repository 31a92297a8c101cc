using System.Net;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Operations;

/// <summary>What a service manager does: SIGTERM, and a new process in the place of the old.</summary>
public sealed class DrainTests
{
    private const string Source = "prices";
    private const int Callers = 4;

    /// <summary>A solve that is longer than three restarts.</summary>
    private const int LongRows = 60_000;

    /// <summary>In posterior standard deviations, as in <see cref="Crashes.SolveKillTests"/>.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Coordinators write a checkpoint every two seconds, and one when they drain; a step that was under way then is made again.</summary>
    private static readonly TimeSpan s_mostLost = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private static readonly Rows s_probe = GeneratedSource.Rows(50, seed: 9).Inputs;

    private static readonly TimeSpan s_longestDrain = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RollingRestart_ThreeSilosUnderLoad_NoCallOfTheSdkFails()
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        SourceHandle registered = await RegisterAsync(cluster[0]);
        await registered.Task("kept").AdaptAsync(Rows(0), Token);
        List<IPEndPoint> gateways = [.. cluster.Alive.Select(silo => silo.Gateway)];
        using var stop = new CancellationTokenSource();

        // The SDK as it comes: a lost call is made again by it, and not by this test.
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = [.. gateways] }, Token);
        SourceHandle source = new AdaptClient(connection.Grains).Source(Source);
        Task<int>[] callers = [.. Enumerable.Range(0, Callers).Select(caller => CallAsync(source, caller, stop.Token))];
        for (int silo = 0; silo < cluster.Count; silo++)
        {
            CommandResult ended = await cluster.RestartAsync(silo, s_longestDrain);

            Assert.True(ended.ExitCode == 0, ended.ToString());

            // Its last probes of silos that are ending too may fail, which is a warning.
            Assert.DoesNotContain(ended.Error.Split('\n'), line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal));
        }

        await stop.CancelAsync();
        int[] calls = await Task.WhenAll(callers);
        Assert.All(calls, count => Assert.True(count > 10, $"{count} calls only"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{calls.Sum()} calls");
    }

    [Fact]
    public async Task RollingRestart_SolveUnderWay_GoesOnFromItsCheckpointsToTheSameAnswer()
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        await using ClusterConnection connection = await ClusterConnection.ConnectAsync(
            new ClusterConnectionOptions { Gateways = [.. cluster.Alive.Select(silo => silo.Gateway)] }, Token);
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), Token);
        await source.Task("kept").AdaptAsync(GeneratedSource.Rows(12, seed: 0), Token);
        TaskHandle task = source.Task("long");
        await task.ObserveAsync(GeneratedSource.Rows(LongRows, seed: 1), cancellationToken: Token);
        using var stop = new CancellationTokenSource();

        // The SDK as it comes, and one call that waits for the solve all the time.
        Task<TaskDescription> solving = task.AdaptAsync(GeneratedSource.LongSolve, Token);
        Task<int> calling = CallAsync(source, GeneratedSource.Rows(12, seed: 2), stop.Token);
        var seen = new List<SolveProgressMessage>();
        Task watching = WatchAsync(task, seen, stop.Token);
        int restarts = 0;
        for (; restarts < cluster.Count && !solving.IsCompleted; restarts++)
        {
            CommandResult ended = await cluster.RestartAsync(restarts, s_longestDrain);
            Assert.True(ended.ExitCode == 0, ended.ToString());
        }

        TaskDescription solved = await solving;
        await stop.CancelAsync();
        await watching;
        TestContext.Current.TestOutputHelper?.WriteLine($"{restarts} restarts during {solved.Posterior!.Solve!.Iterations} iterations; {await calling} other calls; {Describe(seen)}");
        Assert.Equal(cluster.Count, restarts);
        Assert.Equal((TargetTaskStatus.Ready, 1), (solved.Status, solved.Posterior!.Version));
        AssertNotBehindACheckpoint(seen);
        Prediction actual = await task.PredictAsync(s_probe, Token);
        await source.Task("undisturbed").AdaptAsync(GeneratedSource.Rows(LongRows, seed: 1), GeneratedSource.LongSolve, Token);
        Prediction expected = await source.Task("undisturbed").PredictAsync(s_probe, Token);
        Assert.All(Enumerable.Range(0, s_probe.Count), i =>
        {
            double deviation = Math.Sqrt(expected.LatentVariance.Values[i]);
            Assert.Equal(expected.Mean.Values[i], actual.Mean.Values[i], Tolerance * deviation);
            Assert.Equal(deviation, Math.Sqrt(actual.LatentVariance.Values[i]), Tolerance * deviation);
        });
    }

    [Fact]
    public async Task Sigterm_HealthPortGiven_ReadyWhileItServesAndGoneAfterwards()
    {
        using var folder = new DataFolder();
        await using SiloProcess silo = await SiloProcess.StartAsync(folder.DataDirectory, "--threads", "1", "--health-port", "0");
        var health = new Uri(silo.Process.Error.Split("health ")[1].Split(',')[0]);
        using var client = new HttpClient { BaseAddress = health };
        using HttpResponseMessage ready = await client.GetAsync("/health/ready", Token);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);

        silo.Process.Terminate();
        CommandResult ended = await silo.Process.EndAsync(s_longestDrain);

        Assert.Equal(0, ended.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/health/live", Token));
    }

    private static async Task<int> CallAsync(SourceHandle source, LabelledRows rows, CancellationToken stop)
    {
        int calls = 0;
        for (; !stop.IsCancellationRequested; calls++)
        {
            Assert.Equal(12, (await source.Task($"small {calls}").AdaptAsync(rows, Token)).Observations);
            Assert.Equal(1, (await source.Task("kept").PredictAsync(s_probe, Token)).Version);
        }

        return calls;
    }

    private static async Task WatchAsync(TaskHandle task, List<SolveProgressMessage> seen, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if ((await task.DescribeAsync(Token)).Solve is { Progress: { Stage: SolveStage.Iterating } progress })
            {
                seen.Add(progress);
            }

            await Task.Delay(s_poll, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Whoever takes it up goes on where the last checkpoint was, at most seconds before.
    private static void AssertNotBehindACheckpoint(List<SolveProgressMessage> seen)
    {
        double rate = seen.Max(progress => progress.IterationsPerSecond);
        int furthest = 0;
        Assert.All(seen, progress =>
        {
            Assert.True(progress.Iteration >= furthest - (rate * s_mostLost.TotalSeconds), $"from {furthest} back to {progress.Iteration}: {Describe(seen)}");
            furthest = Math.Max(furthest, progress.Iteration);
        });
    }

    private static string Describe(List<SolveProgressMessage> seen) => string.Join(
        ", ", seen.Zip(seen.Skip(1)).Where(pair => pair.Second.Seconds < pair.First.Seconds).Select(pair => $"taken up after {pair.First.Iteration} at {pair.Second.Iteration}"));

    private static async Task<int> CallAsync(SourceHandle source, int caller, CancellationToken stop)
    {
        int calls = 0;
        Rows probe = Rows(99).Inputs;
        while (!stop.IsCancellationRequested)
        {
            TaskHandle task = source.Task($"caller {caller} task {calls}");
            TaskDescription adapted = await task.AdaptAsync(Rows(calls), Token);
            Prediction prediction = await task.PredictAsync(probe, Token);
            Assert.Equal((1, 1), (adapted.Posterior!.Version, prediction.Version));
            Assert.Equal(1, (await source.Task("kept").PredictAsync(probe, Token)).Version);
            calls++;
        }

        return calls;
    }

    private static LabelledRows Rows(int seed) => Bakeries.Numeric(Bakeries.Orders(seed + 1, 1, 8, "a"));

    private static async Task<SourceHandle> RegisterAsync(SiloProcess silo)
    {
        SourceHandle source = (await silo.ConnectAsync()).Source(Source);
        await source.RegisterAsync(
            new SourceRegistration
            {
                Schema = InputSchema.Numeric("weight_g", "hour"),
                Targets = [Bakeries.Target],
                Network = NetworkDescription.Mlp(2, [3], 1, "tanh"),
                Weights = TensorPayload.FromVector([1, -0.5f, 0.2f, 0.1f, 0.7f, -0.3f, 0.4f, 0.6f, -0.8f, 0.3f, 0.9f, -0.2f, 0.5f]),
                InputMean = [1400, 12],
                InputScale = [600, 4],
                OutputMean = [1200],
                OutputScale = [200],
            },
            Token);
        await source.SetPriorAsync(new PriorSetting(0.5, 0.1, MeanIsSource: true), Token);
        return source;
    }
}
