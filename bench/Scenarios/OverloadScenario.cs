using AdaptCluster.Bench.FewShot;
using AdaptCluster.Bench.Load;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Silo;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Five times as many customers as a silo can serve: it must go on serving as many as it can, and tell the others when to come again.</summary>
internal static class OverloadScenario
{
    private const int Rows = 32;
    private const int Inputs = 16;
    private const int Callers = 64;
    private const double Overload = 5;
    private const int DistinctTasks = 1_000;

    private static readonly TimeSpan s_warm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_measure = TimeSpan.FromSeconds(10);

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        SourceModel model = GeneratedTasks.Model(Inputs, 64, 64);
        LabelledRows[] rows = [.. Enumerable.Range(0, DistinctTasks).Select(seed => FewShotSource.ToRows(GeneratedTasks.Task(Rows, Inputs, seed)))];
        string path = Path.Combine(Path.GetTempPath(), $"adapt-bench-{Guid.NewGuid():N}");
        try
        {
            await using AdaptSilo silo = await FewShotSource.StartSiloAsync(path);
            await FewShotSource.RegisterAsync(silo, model);
            await using ClusterConnection connection = await ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = [silo.Gateway] }, cancellationToken);
            SourceHandle source = new AdaptClient(connection.Grains, FewShotSource.Tenant).Source(FewShotSource.Name);
            return ScenarioReport.Of("overload", await MeasureAsync(source, rows, TimeSpan.FromSeconds(options.Short ? 10 : 60), cancellationToken));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static async Task<Figure[]> MeasureAsync(SourceHandle source, LabelledRows[] rows, TimeSpan duration, CancellationToken cancellationToken)
    {
        await CapacityAsync("warm", s_warm);
        double capacity = await CapacityAsync("alone", s_measure);
        var tally = new CallTally();
        double begun = tally.Now;
        await OpenLoop.RunAsync(
            Overload * capacity, duration, i => tally.MakeAsync(() => source.Task($"over {i}").AdaptAsync(rows[i % rows.Length], cancellationToken)), cancellationToken);
        double goodput = tally.AnsweredPerSecond(begun, begun + duration.TotalSeconds);
        double drained = tally.Now - begun - duration.TotalSeconds;
        double again = await CapacityAsync("after", s_measure);
        return
        [
            new Figure("overload_capacity_per_s", capacity, "1/s", null, $"AdaptAsync of new tasks of {Rows} rows by {Callers} callers that wait"),
            new Figure("overload_goodput_fraction", goodput / capacity, "1", 0.8, $"answered calls per second of {Overload} times as many begun, for {duration.TotalSeconds:0} s: {tally.Answered} answered, p99 {tally.Milliseconds(0.99):0} ms"),
            new Figure("overload_refused", tally.Refused, "{call}", null, "with a busy error that says when to come again"),
            new Figure("overload_other_errors", tally.Failed, "{call}", 0, tally.Failed == 0 ? "none" : tally.Errors),
            new Figure("overload_recovery_s", drained, "s", 2, "from the last call's begin until all that were begun had ended"),
            new Figure("overload_capacity_again", again / capacity, "1", 1, "the capacity right after that, over the one before"),
        ];

        async Task<double> CapacityAsync(string name, TimeSpan time)
        {
            var calls = new CallTally();
            double start = calls.Now;
            int next = -1;
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
            {
                while (calls.Now - start < time.TotalSeconds)
                {
                    int i = Interlocked.Increment(ref next);
                    await calls.MakeAsync(() => source.Task($"{name} {i}").AdaptAsync(rows[i % rows.Length], cancellationToken));
                }
            })));
            return calls.AnsweredPerSecond(start, start + time.TotalSeconds);
        }
    }
}
