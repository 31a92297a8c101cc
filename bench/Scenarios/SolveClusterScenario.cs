using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>What it costs to solve on two silos of one thread each instead of on one of two threads.</summary>
internal static class SolveClusterScenario
{
    private const int Runs = 3;

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        LabelledRows rows = GeneratedSource.Rows(options.Short ? 30_000 : 300_000, seed: 1);
        await using SiloCluster pair = await SiloCluster.StartAsync(silos: 2, threads: 1, cancellationToken);
        await using SiloCluster single = await SiloCluster.StartAsync(silos: 1, threads: 2, cancellationToken);
        await using ClusterConnection toPair = await pair.ConnectAsync(responseTimeout: null, cancellationToken);
        await using ClusterConnection toSingle = await single.ConnectAsync(responseTimeout: null, cancellationToken);
        SourceHandle two = await PrepareAsync(toPair, cancellationToken);
        SourceHandle one = await PrepareAsync(toSingle, cancellationToken);
        double[] twoSeconds = new double[Runs], oneSeconds = new double[Runs];
        SolveSummary last = null!, alone = null!;
        for (int run = 0; run < Runs; run++)
        {
            (twoSeconds[run], last) = await SolveAsync(two, rows, cancellationToken);
            (oneSeconds[run], alone) = await SolveAsync(one, rows, cancellationToken);
            await Console.Error.WriteLineAsync($"run {run}: two silos {twoSeconds[run]:0.00} s, one {oneSeconds[run]:0.00} s");
        }

        Array.Sort(twoSeconds);
        Array.Sort(oneSeconds);
        (double second, double first) = (twoSeconds[Runs / 2], oneSeconds[Runs / 2]);
        return ScenarioReport.Of(
            "solve-cluster",
            new Figure(
                "two_silos_over_one",
                second / first,
                "1",
                1,
                $"medians of {Runs} alternating runs: {second:0.0} s over {first:0.0} s, {rows.Count:N0} rows, rows there, posterior durable; "
                + $"{last.Plan.Name}, {last.Iterations} iterations, against {alone.Plan.Name}, {alone.Iterations} iterations; must be at most 1.25"),
            new Figure("cluster_bytes_per_iteration", last.BytesPerIteration, "By", last.Plan.BytesPerIteration, $"measured on two silos; {last.BytesPerIteration - last.Plan.BytesPerIteration:0} more than the plan's, must be equal"),
            new Figure("cluster_messages_per_iteration", last.MessagesPerIteration, "1", last.Plan.MessagesPerIteration, $"the same; {last.MessagesPerIteration - last.Plan.MessagesPerIteration:0.##} more"),
            new Figure("cluster_predicted_over_measured", last.Plan.Seconds / last.Seconds, "1", null, $"the plan said {last.Plan.Seconds:0.0} s; the solve took {last.Seconds:0.0} s in its coordinator"));
    }

    // The first solve of a process opens its device and measures it.
    private static async Task<SourceHandle> PrepareAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        SourceHandle source = await GeneratedSource.RegisterAsync(new AdaptClient(connection.Grains), cancellationToken);
        await source.Task("warm").AdaptAsync(GeneratedSource.Rows(5_000, seed: 2), new AdaptOptions { Space = SolveSpace.ParameterSpace }, cancellationToken);
        return source;
    }

    private static async Task<(double Seconds, SolveSummary Summary)> SolveAsync(SourceHandle source, LabelledRows rows, CancellationToken cancellationToken)
    {
        TaskHandle task = source.Task($"large {Guid.NewGuid():N}");
        await task.ObserveAsync(rows, cancellationToken: cancellationToken);
        long started = Stopwatch.GetTimestamp();
        TaskDescription adapted = await task.AdaptAsync(new AdaptOptions { Space = SolveSpace.ParameterSpace }, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await task.DeleteAsync(cancellationToken);
        return (seconds, adapted.Posterior!.Solve!);
    }
}
