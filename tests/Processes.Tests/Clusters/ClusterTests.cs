using System.Diagnostics;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Clusters;

/// <summary>Three silo processes over one Redis server: one cluster, whichever of its processes dies.</summary>
public sealed class ClusterTests
{
    private const string Source = "prices";
    private const int Tasks = 12;
    private const int RowsPerTask = 12;

    /// <summary>Over 64 KB: these rows go to the shared folder, not into the task's record.</summary>
    private const int RowsOfTheLargeTask = 4_000;

    /// <summary>Three missed probes of a second, a refresh of the table, and what busy cores add.</summary>
    private static readonly TimeSpan s_recovery = TimeSpan.FromSeconds(15);

    /// <summary>One try of a call; a call to a silo that died says nothing for longer.</summary>
    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private static readonly Rows s_probe = Bakeries.Numeric(Bakeries.Orders(99, 1, 5, "probe")).Inputs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Predict_ThroughAnotherSilo_IsWhatTheFirstWasTold()
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        SourceHandle first = await RegisterAsync(cluster[0]);
        Dictionary<string, Acknowledgement> told = await AdaptAsync(first, [.. Names("a"), "large"]);

        foreach (SiloProcess silo in cluster.Alive)
        {
            await VerifyAsync((await silo.ConnectAsync()).Source(Source), told, TimeSpan.FromMinutes(1));
        }

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(cluster.Tensors, "models")));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(cluster.Tensors, "observations"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Kill_EachSiloInTurn_OthersAnswerSoonAndNothingAcknowledgedIsLost()
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        Dictionary<string, Acknowledgement> told = await AdaptAsync(await RegisterAsync(cluster[0]), [.. Names("before"), "large"]);
        for (int killed = 0; killed < cluster.Count; killed++)
        {
            SourceHandle other = (await cluster[(killed + 1) % cluster.Count].ConnectAsync(responseTimeout: s_try)).Source(Source);
            using var stop = new CancellationTokenSource();
            Task<Dictionary<string, Acknowledgement>> meanwhile = AdaptUntilAsync(other, $"meanwhile {killed}", stop.Token);

            await cluster.KillAsync(killed);

            foreach (SiloProcess silo in cluster.Alive)
            {
                SourceHandle source = (await silo.ConnectAsync(responseTimeout: s_try)).Source(Source);
                TimeSpan took = await VerifyAsync(source, told, s_recovery);
                TestContext.Current.TestOutputHelper?.WriteLine($"silo {killed} killed: all tasks answer after {took.TotalSeconds:0.0} s more");
            }

            await stop.CancelAsync();
            foreach ((string task, Acknowledgement acknowledged) in await meanwhile)
            {
                told.Add(task, acknowledged);
            }

            await VerifyAsync(other, told, s_recovery);
            await cluster.StartMissingAsync();
            await VerifyAsync((await cluster[killed].ConnectAsync()).Source(Source), told, s_recovery);
        }
    }

    [Fact]
    public async Task Kill_AllSilos_RestartedAtOnceTheyKnowEverything()
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(3, "--threads", "1");
        Dictionary<string, Acknowledgement> told = await AdaptAsync(await RegisterAsync(cluster[0]), [.. Names("a"), "large"]);
        for (int silo = 0; silo < cluster.Count; silo++)
        {
            await cluster.KillAsync(silo);
        }

        long started = Stopwatch.GetTimestamp();
        await cluster.StartMissingAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"all silos killed: ready again after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");

        foreach (SiloProcess silo in cluster.Alive)
        {
            await VerifyAsync((await silo.ConnectAsync(responseTimeout: s_try)).Source(Source), told, s_recovery);
        }
    }

    [Fact]
    public async Task Kill_TheRedisServer_SilosGoOnWhenItIsBackAndNothingAcknowledgedIsLost()
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(2, "--threads", "1");
        SourceHandle source = await RegisterAsync(cluster[0]);
        Dictionary<string, Acknowledgement> told = await AdaptAsync(source, Names("before"));

        await cluster.Redis.KillAsync();
        StoreException error = await Assert.ThrowsAsync<StoreException>(() => source.Task("without").AdaptAsync(RowsOf("without"), Token));
        await VerifyAsync(source, told, s_recovery);
        await cluster.Redis.StartAgainAsync(Token);
        Assert.True(error.IsRetryable);

        told.Add("without", await RetryAsync(() => AdaptAsync(source, "without"), s_recovery));
        foreach (SiloProcess silo in cluster.Alive)
        {
            await VerifyAsync((await silo.ConnectAsync(responseTimeout: s_try)).Source(Source), told, s_recovery);
        }
    }

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

    private static string[] Names(string prefix) => [.. Enumerable.Range(0, Tasks).Select(i => $"{prefix} {i}")];

    private static LabelledRows RowsOf(string task) => Bakeries.Numeric(Bakeries.Orders(
        task.Aggregate(17, (hash, c) => (hash * 31) + c), 1, task == "large" ? RowsOfTheLargeTask : RowsPerTask, task));

    private static async Task<Dictionary<string, Acknowledgement>> AdaptAsync(SourceHandle source, IEnumerable<string> tasks)
    {
        var told = new Dictionary<string, Acknowledgement>(StringComparer.Ordinal);
        foreach (string task in tasks)
        {
            told.Add(task, await AdaptAsync(source, task));
        }

        return told;
    }

    private static async Task<Acknowledgement> AdaptAsync(SourceHandle source, string task)
    {
        TaskDescription description = await source.Task(task).AdaptAsync(RowsOf(task), Token);
        return new Acknowledgement(description, await source.Task(task).PredictAsync(s_probe, Token));
    }

    /// <summary>Adapts task after task; what gets no answer is sent again.</summary>
    private static async Task<Dictionary<string, Acknowledgement>> AdaptUntilAsync(SourceHandle source, string prefix, CancellationToken stop)
    {
        var told = new Dictionary<string, Acknowledgement>(StringComparer.Ordinal);
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            string task = $"{prefix} {i}";
            told.Add(task, await RetryAsync(() => AdaptAsync(source, task), s_recovery));
        }

        return told;
    }

    /// <summary>Every task must say what it said, within a time for all of them.</summary>
    /// <returns>How long it took.</returns>
    private static async Task<TimeSpan> VerifyAsync(SourceHandle source, Dictionary<string, Acknowledgement> told, TimeSpan within)
    {
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(told.Select(entry => RetryAsync(() => VerifyAsync(source.Task(entry.Key), entry.Value), within)));
        return Stopwatch.GetElapsedTime(started);
    }

    private static async Task<bool> VerifyAsync(TaskHandle task, Acknowledgement told)
    {
        Assert.Equal(told.Description, await task.DescribeAsync(Token));
        Prediction now = await task.PredictAsync(s_probe, Token);
        Assert.Equal(told.Prediction.Version, now.Version);
        Same.Numbers(told.Prediction, now);
        return true;
    }

    /// <summary>Repeats a call that gets no answer, or one that says that a retry may help.</summary>
    private static async Task<T> RetryAsync<T>(Func<Task<T>> call, TimeSpan within)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (
                error is TimeoutException or OrleansException or AdaptException { IsRetryable: true } && Stopwatch.GetElapsedTime(started) < within)
            {
                await Task.Delay(s_pause, Token);
            }
        }
    }

    private sealed record Acknowledgement(TaskDescription Description, Prediction Prediction);
}
