using System.Diagnostics;
using AdaptCluster.Bench.Chaos;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>
/// The Redis server of three silos is full, slow (500 ms), hangs, and is gone, each for a minute, while clients observe, adapt and predict
/// through the SDK as it comes. Afterwards everything acknowledged must be there once, no call may have ended without an error that says
/// what to do, and no silo may have been restarted.
/// </summary>
internal static class StoreFaultsScenario
{
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_shortLength = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_warm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>After this the cluster has not recovered.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        TimeSpan length = options.Short ? s_shortLength : s_length;
        await using ChaosCluster cluster = await ChaosCluster.StartAsync(embedded: false, cancellationToken);
        await using ClusterConnection connection = await cluster.ConnectAsync(cancellationToken);
        var clients = new ChaosClients(await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), cancellationToken));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task running = clients.RunAsync(stop.Token);
        var figures = new List<Figure>();
        try
        {
            await Task.Delay(s_warm, cancellationToken);
            foreach ((string name, Func<Task> fault, Func<Task> mend) in Faults(cluster, cancellationToken).Where(fault => options.Includes(fault.Name)))
            {
                figures.Add(await MeasureAsync(name, fault, mend, length, clients, cancellationToken));
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        await running;
        int restarted = cluster.CountEnded();
        await clients.FinishAsync(cancellationToken);
        int versions = await Task.Run(() => clients.All.Sum(task => task.Verify(ChaosClients.Probe)), cancellationToken);
        foreach (string problem in clients.Untyped.Concat(clients.Stuck).Take(20))
        {
            await Console.Error.WriteLineAsync(problem);
        }

        return Report(figures, clients, restarted, versions);
    }

    private static IEnumerable<(string Name, Func<Task> Fault, Func<Task> Mend)> Faults(ChaosCluster cluster, CancellationToken cancellationToken)
    {
        IDisposable? hung = null;
        yield return ("full", () => cluster.FillStoreAsync(isFull: true, cancellationToken), () => cluster.FillStoreAsync(isFull: false, cancellationToken));
        yield return ("slow", () => Done(() => cluster.SlowStore(s_delay)), () => Done(() => cluster.SlowStore(TimeSpan.Zero)));
        yield return ("hangs", () => Done(() => hung = cluster.HangStore()), () => Done(() => hung!.Dispose()));
        yield return ("gone", cluster.KillStoreAsync, () => cluster.StartStoreAsync(cancellationToken));
    }

    private static async Task<Figure> MeasureAsync(
        string name, Func<Task> fault, Func<Task> mend, TimeSpan length, ChaosClients clients, CancellationToken cancellationToken)
    {
        int acknowledged = Acknowledged(clients);
        (long refused, long answered) = (clients.Refused, clients.Questions.Answered);
        await fault();
        await Task.Delay(length, cancellationToken);
        int during = Acknowledged(clients) - acknowledged;
        (refused, answered) = (clients.Refused - refused, clients.Questions.Answered - answered);
        await mend();
        long mended = Stopwatch.GetTimestamp();
        while (!clients.HaveWritten(mended) && Stopwatch.GetElapsedTime(mended) < s_patience)
        {
            await Task.Delay(s_poll, cancellationToken);
        }

        double? recovery = clients.HaveWritten(mended) ? Stopwatch.GetElapsedTime(mended).TotalSeconds : null;
        await Console.Error.WriteLineAsync(
            $"{name,-6} for {length.TotalSeconds:0} s: {during} batches acknowledged, {refused} tries refused, {answered} predictions; all write again {recovery:0.0} s after it was mended");
        await Task.Delay(s_warm, cancellationToken);
        return new Figure(
            $"{name}_recovery_s",
            recovery,
            "s",
            null,
            $"from the store's mending until every task was acknowledged a batch; during {length.TotalSeconds:0} s {during} batches were acknowledged, {refused} tries refused, {answered} predictions made");
    }

    private static int Acknowledged(ChaosClients clients) => clients.All.Sum(task => task.Acknowledged);

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private static ScenarioReport Report(List<Figure> recoveries, ChaosClients clients, int restarted, int versions)
    {
        int lost = clients.All.Sum(task => task.Lost), twice = clients.All.Sum(task => task.Duplicated), wrong = clients.All.Sum(task => task.Wrong);
        ScenarioReport report = ScenarioReport.Of(
            "store-faults",
            [
                new Figure("acknowledged", Acknowledged(clients), "{batch}", null, $"of {ChaosTask.BatchRows} rows, {clients.All.Count} tasks, three silos over a Redis server"),
                new Figure("lost", lost, "{batch}", 0, "acknowledged and not there"),
                new Figure("duplicated", twice, "{batch}", 0, "there twice"),
                new Figure("wrong", wrong, "{prediction}", 0, $"not what the mathematics says of the version's rows; {versions:N0} versions compared"),
                new Figure("stuck", clients.Stuck.Count, "{call}", 0, "not answered within 90 s, or refused for ever"),
                new Figure("refused", clients.Refused, "{try}", null, "with an error that names the store and says what to do"),
                new Figure("untyped", clients.Untyped.Count, "{try}", 0, "of a batch, with any other error"),
                new Figure("restarted", restarted, "{silo}", 0, "silos that have ended"),
                .. recoveries,
            ]);
        bool isBroken = lost + twice + wrong + clients.Stuck.Count + clients.Untyped.Count + restarted > 0 || recoveries.Exists(figure => figure.Value is null);
        return report with { IsBroken = isBroken };
    }
}
