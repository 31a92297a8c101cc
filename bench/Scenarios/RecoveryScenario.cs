using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>
/// kill -9 of one of three silos: how long until a task that lived there answers a client again; and of all three at once: how long until
/// every task does.
/// </summary>
internal sealed class RecoveryScenario
{
    private const int Silos = 3;
    private const int DefaultKills = 20;
    private const int WholeKills = 3;
    private const int Tasks = 18;

    /// <summary>A client where seconds matter: a call to a silo that died says nothing for longer.</summary>
    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>The silos have met again, as in a cluster in which silos die now and then.</summary>
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(5);

    private static readonly Rows s_probe = GeneratedSource.Rows(5, seed: 7).Inputs;

    private readonly SiloCluster _cluster;
    private readonly Random _random = new(6);

    private RecoveryScenario(SiloCluster cluster) => _cluster = cluster;

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        await using SiloCluster cluster = await SiloCluster.StartAsync(Silos, threads: 1, cancellationToken);
        var scenario = new RecoveryScenario(cluster);
        return await scenario.MeasureAsync(options.Kills ?? (options.Short ? 3 : DefaultKills), options.Short ? 1 : WholeKills, cancellationToken);
    }

    private async Task<ScenarioReport> MeasureAsync(int kills, int wholeKills, CancellationToken cancellationToken)
    {
        await using ClusterConnection connection = await _cluster.ConnectAsync(s_try, cancellationToken);
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), cancellationToken);
        var first = new List<double>();
        var all = new List<double>();
        for (int kill = 0; kill < kills; kill++)
        {
            (double soonest, double last) = await KillOneAsync(connection, source, kill, cancellationToken);
            first.Add(soonest);
            all.Add(last);
        }

        var whole = new List<double>();
        for (int kill = 0; kill < wholeKills; kill++)
        {
            whole.Add(await KillAllAsync(source, cancellationToken));
        }

        return ScenarioReport.Of(
            "recovery",
            new Figure("single_recovery_median_s", Middle(first), "s", null, $"from kill -9 of one of {Silos} silos to the first answer of a task that lived there; {first.Count} kills; must be under 5"),
            new Figure("single_recovery_worst_s", first.Max(), "s", null, "the same, the worst"),
            new Figure("single_recovery_all_median_s", Middle(all), "s", null, "the same until all tasks that lived there had answered"),
            new Figure("whole_recovery_s", whole.Max(), "s", null, $"from kill -9 of all {Silos} silos, started again at once, until every task had answered; the worst of {whole.Count}; must be under 30"));
    }

    private async Task<(double First, double All)> KillOneAsync(ClusterConnection connection, SourceHandle source, int kill, CancellationToken cancellationToken)
    {
        string[] names = [.. Enumerable.Range(0, Tasks).Select(i => $"kill {kill} task {i}")];
        await AdaptAsync(source, names, cancellationToken);
        ILookup<int, string> homes = await HomesAsync(connection, names, cancellationToken);
        int victim = homes.Select(home => home.Key).Order().ElementAt(_random.Next(homes.Count));
        string[] there = [.. homes[victim]];
        long at = Stopwatch.GetTimestamp();
        await _cluster.KillAsync(victim);
        double[] answers = await Task.WhenAll(there.Select(name => AnswerAsync(source, name, at, cancellationToken)));
        await Console.Error.WriteLineAsync($"kill {kill} of silo {victim} with {there.Length} of {Tasks} tasks: first answer after {answers.Min():0.00} s, all after {answers.Max():0.00} s");
        await _cluster.StartAgainAsync(victim, cancellationToken);
        await Task.Delay(s_calm, cancellationToken);
        return (answers.Min(), answers.Max());
    }

    private async Task<double> KillAllAsync(SourceHandle source, CancellationToken cancellationToken)
    {
        string[] names = [.. Enumerable.Range(0, Tasks).Select(i => $"kill 0 task {i}")];
        await Task.WhenAll(names.Select(name => AnswerAsync(source, name, 0, cancellationToken)));
        long at = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Silos).Select(_cluster.KillAsync));
        Task started = Task.WhenAll(Enumerable.Range(0, Silos).Select(silo => _cluster.StartAgainAsync(silo, cancellationToken)));
        double[] answers = await Task.WhenAll(names.Select(name => AnswerAsync(source, name, at, cancellationToken)));
        await started;
        await Console.Error.WriteLineAsync($"kill of all silos: first answer after {answers.Min():0.0} s, all after {answers.Max():0.0} s");
        await Task.Delay(s_calm, cancellationToken);
        return answers.Max();
    }

    private static async Task AdaptAsync(SourceHandle source, string[] names, CancellationToken cancellationToken)
    {
        foreach (string name in names)
        {
            LabelledRows rows = GeneratedSource.Rows(20, seed: name.Length);
            await RepeatAsync(() => source.Task(name).AdaptAsync(rows, cancellationToken), cancellationToken);
        }
    }

    // Which silo has the activation of each; load decides, so that a silo may have none.
    private async Task<ILookup<int, string>> HomesAsync(ClusterConnection connection, string[] names, CancellationToken cancellationToken)
    {
        var homes = new List<(int Silo, string Name)>();
        foreach (string name in names)
        {
            var key = new TaskKey(AdaptClient.DefaultTenant, GeneratedSource.Name, name);
            ITargetTaskGrain grain = connection.Grains.GetGrain<ITargetTaskGrain>(key.ToString());
            if (await RepeatAsync(() => _cluster.SiloOfAsync(connection.Grains, grain), cancellationToken) is { } silo)
            {
                homes.Add((silo, name));
            }
        }

        return homes.ToLookup(home => home.Silo, home => home.Name);
    }

    private static async Task<double> AnswerAsync(SourceHandle source, string name, long since, CancellationToken cancellationToken)
    {
        await RepeatAsync(() => source.Task(name).PredictAsync(s_probe, cancellationToken), cancellationToken);
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    // Beyond what the SDK repeats by itself.
    private static async Task<T> RepeatAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (error is OrleansException or TimeoutException or AdaptException { IsRetryable: true } && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(s_poll, cancellationToken);
            }
        }
    }

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
