using System.Diagnostics;
using AdaptCluster.Bench.Chaos;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Sources;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>
/// Every 10 to 30 s something of a cluster is killed, hangs or is cut off, while clients observe, adapt and predict. Afterwards every
/// acknowledged row must be there once, and every answer be what the mathematics says of the rows of its version.
/// </summary>
internal sealed class ChaosScenario
{
    /// <summary>One try of a call; one to a silo that died says nothing for longer.</summary>
    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_warm = TimeSpan.FromSeconds(5);

    /// <summary>After this a task has not recovered.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static readonly (FaultKind Kind, int Weight)[] s_faults =
    [
        (FaultKind.KillSilo, 45), (FaultKind.KillAll, 8), (FaultKind.PauseSilo, 15), (FaultKind.RestartStore, 12), (FaultKind.CutStore, 10), (FaultKind.CutClients, 10),
    ];

    private readonly ChaosCluster _cluster;
    private readonly ChaosClients _clients;
    private readonly Random _random = new(1);
    private readonly List<Fault> _done = [];

    private readonly (FaultKind Kind, int Weight)[] _possible;

    private ChaosScenario(ChaosCluster cluster, ChaosClients clients, ScenarioOptions options)
    {
        _cluster = cluster;
        _clients = clients;
        _possible =
        [
            .. s_faults.Where(fault => options.Includes($"{fault.Kind}")
                && (!cluster.IsEmbedded || fault.Kind is FaultKind.KillSilo or FaultKind.PauseSilo or FaultKind.CutClients)),
        ];
    }

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        await using ChaosCluster cluster = await ChaosCluster.StartAsync(options.Store == "embedded", cancellationToken);
        await using (ClusterConnection patient = await cluster.ConnectAsync(s_patience, cancellationToken))
        {
            await GeneratedSource.RegisterAsync(new AdaptClient(patient.Grains), cancellationToken);
        }

        await using ClusterConnection connection = await cluster.ConnectAsync(s_try, cancellationToken);
        SourceHandle source = new AdaptClient(connection.Grains).Source(GeneratedSource.Name);
        var scenario = new ChaosScenario(cluster, new ChaosClients(source), options);
        return await scenario.MeasureAsync(TimeSpan.FromMinutes(options.Minutes), cancellationToken);
    }

    private async Task<ScenarioReport> MeasureAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task clients = _clients.RunAsync(stop.Token);
        try
        {
            await Task.Delay(s_warm, cancellationToken);
            long started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < length)
            {
                long begun = Stopwatch.GetTimestamp();
                Fault fault = await DoAsync(Choose(), cancellationToken);
                _done.Add(fault);
                await Console.Error.WriteLineAsync(
                    $"{Stopwatch.GetElapsedTime(started).TotalSeconds,6:0} s  {fault.Kind,-12}  all tasks answer again after {fault.Recovery:0.0} s; {_clients.Stuck.Count} stuck");
                await _cluster.StartMissingAsync(cancellationToken);
                TimeSpan pause = TimeSpan.FromSeconds(10 + (20 * _random.NextDouble())) - Stopwatch.GetElapsedTime(begun);
                await Task.Delay(pause > s_warm ? pause : s_warm, cancellationToken);

                // One that hung finds itself declared dead only when it wakes.
                await _cluster.StartMissingAsync(cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        await clients;
        await _cluster.StartMissingAsync(cancellationToken);
        await _clients.FinishAsync(cancellationToken);
        int versions = await Task.Run(() => _clients.All.Sum(task => task.Verify(ChaosClients.Probe)), cancellationToken);
        foreach (string stuck in _clients.Stuck.Take(20))
        {
            await Console.Error.WriteLineAsync($"stuck: {stuck}\n{_cluster.LastWords}");
        }

        return Report(length, versions);
    }

    private async Task<Fault> DoAsync(FaultKind kind, CancellationToken cancellationToken)
    {
        int victim = _random.Next(_cluster.Count);
        TimeSpan pause = TimeSpan.FromSeconds(2 + (12 * _random.NextDouble()));
        long at = Stopwatch.GetTimestamp();
        Task mended;
        switch (kind)
        {
            case FaultKind.KillSilo:
                await _cluster.KillAsync(victim);
                mended = AfterAsync(_cluster.Count == 1 ? TimeSpan.Zero : TimeSpan.FromSeconds(5), () => _cluster.StartMissingAsync(cancellationToken), cancellationToken);
                break;
            case FaultKind.KillAll:
                await Task.WhenAll(Enumerable.Range(0, _cluster.Count).Select(_cluster.KillAsync));
                mended = _cluster.StartMissingAsync(cancellationToken);
                break;
            case FaultKind.PauseSilo:
                _cluster.Pause(victim);
                mended = AfterAsync(pause, () => Done(() => _cluster.Resume(victim)), cancellationToken);
                break;
            case FaultKind.RestartStore:
                await _cluster.KillStoreAsync();
                mended = AfterAsync(pause / 3, () => _cluster.StartStoreAsync(cancellationToken), cancellationToken);
                break;
            case FaultKind.CutStore:
                _cluster.LinkToStore(victim).Cut();
                mended = AfterAsync(pause, () => Done(_cluster.LinkToStore(victim).Mend), cancellationToken);
                break;
            default:
                _cluster.LinkToClients(victim).Cut();
                mended = AfterAsync(pause, () => Done(_cluster.LinkToClients(victim).Mend), cancellationToken);
                break;
        }

        double? recovery = await RecoveryAsync(at, cancellationToken);
        await mended;
        return new Fault(kind, recovery);
    }

    // Every task that had answered before must answer a call that began after the fault.
    private async Task<double?> RecoveryAsync(long at, CancellationToken cancellationToken)
    {
        while (Stopwatch.GetElapsedTime(at) < s_patience)
        {
            if (_clients.Asked is { Count: > 0 } tasks && tasks.All(task => task.LastAnswered > at))
            {
                return Stopwatch.GetElapsedTime(at).TotalSeconds;
            }

            await Task.Delay(s_poll, cancellationToken);
        }

        return null;
    }

    private FaultKind Choose()
    {
        int drawn = _random.Next(_possible.Sum(fault => fault.Weight));
        return _possible.First(fault => (drawn -= fault.Weight) < 0).Kind;
    }

    private static async Task AfterAsync(TimeSpan pause, Func<Task> act, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, cancellationToken);
        await act();
    }

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private ScenarioReport Report(TimeSpan length, int versions)
    {
        (long asked, long answered) = _clients.Questions;
        double all = _clients.All.Sum(task => task.Times.All), silent = _clients.All.Sum(task => task.Times.Silent);
        double[] ofKills = [.. _done.Where(fault => fault.Kind == FaultKind.KillSilo).Select(Seconds).Order()];
        double[] ofAll = [.. _done.Select(Seconds).Order()];
        string kinds = string.Join(", ", _done.GroupBy(fault => fault.Kind).Select(group => $"{group.Count()} {group.Key} (worst {group.Max(Seconds):0.0} s)"));
        string where = _cluster.IsEmbedded ? "one silo over its embedded store" : "three silos over a Redis server";
        int stuck = _clients.Stuck.Count + _done.Count(fault => fault.Recovery is null);
        bool isBroken = stuck > 0 || _clients.All.Any(task => task.Lost + task.Duplicated + task.Wrong > 0);
        ScenarioReport report = ScenarioReport.Of(
            "chaos",
            new Figure("acknowledged", _clients.All.Sum(task => task.Acknowledged), "{batch}", null, $"of {ChaosTask.BatchRows} rows, {_clients.All.Count} tasks, {length.TotalMinutes:0.#} minutes, {where}"),
            new Figure("lost", _clients.All.Sum(task => task.Lost), "{batch}", 0, "acknowledged and not there"),
            new Figure("duplicated", _clients.All.Sum(task => task.Duplicated), "{batch}", 0, "there twice"),
            new Figure("wrong", _clients.All.Sum(task => task.Wrong), "{prediction}", 0, $"not what the mathematics says of the version's rows; {versions:N0} versions compared, {answered:N0} answers equal to their version's first"),
            new Figure("stuck", stuck, "{call}", 0, "not answered within 90 s, or refused for ever"),
            new Figure("kills", _done.Count, "{fault}", null, kinds),
            new Figure("availability", all == 0 ? double.NaN : 1 - (silent / all), "1", null, $"share of the tasks' time not in a silence of more than 1 s; {answered:N0} of {asked:N0} single tries of at most 1 s were answered"),
            new Figure("recovery_median_s", Middle(ofKills), "s", null, $"from kill -9 of one silo until every task answered; {ofKills.Length} kills; must be under 5"),
            new Figure("recovery_worst_s", ofAll.LastOrDefault(double.NaN), "s", null, "the same of all faults, their own length included; must be under 30"));
        return report with { IsBroken = isBroken };
    }

    private static double Seconds(Fault fault) => fault.Recovery ?? double.PositiveInfinity;

    private static double Middle(double[] sorted) => sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
}
