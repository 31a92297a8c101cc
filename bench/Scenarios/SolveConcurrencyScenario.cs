using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Silo;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Many tenants solve small and large tasks on one silo at once: whether all finish, in the memory that there is, and the small ones soon.</summary>
internal static class SolveConcurrencyScenario
{
    private const int Tenants = 10;

    /// <summary>Less than the large solves would have together.</summary>
    private const long MemoryBytes = 2L << 30;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    // Of each tenant four small tasks, two of them few-shot, and a large one.
    private static readonly int[] s_small = [200, 400, 2_500, 4_000];
    private const int FewShotSizes = 2;

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        string path = Directory.CreateTempSubdirectory("adapt-bench-").FullName;
        try
        {
            var settings = new SiloSettings
            {
                DataDirectory = path,
                Role = SiloRole.Private,
                Device = new DeviceOptions { SolveMemoryBytes = MemoryBytes },
            };
            DataDirectory directory = DataDirectory.TryOpen(path, SiloRole.Private) ?? throw new InvalidOperationException($"'{path}' is in use.");
            await using AdaptSilo silo = await AdaptSilo.StartAsync(settings, directory, cancellationToken);
            return await MeasureAsync(silo, options.Short ? 4 : 1, cancellationToken);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static async Task<ScenarioReport> MeasureAsync(AdaptSilo silo, int divisor, CancellationToken cancellationToken)
    {
        SourceHandle[] sources = await Task.WhenAll(Enumerable.Range(0, Tenants)
            .Select(tenant => GeneratedSource.RegisterAsync(new AdaptClient(silo.Grains, $"tenant-{tenant}"), cancellationToken)));
        await TimeAsync(await ObserveAsync(sources[0], "warm", 5_000, cancellationToken), cancellationToken);
        double[] alone = await SmallAloneAsync(sources, cancellationToken);
        var small = new List<TaskHandle>();
        var large = new List<TaskHandle>();
        for (int tenant = 0; tenant < Tenants; tenant++)
        {
            large.Add(await ObserveAsync(sources[tenant], "large", LargeRows(tenant) / divisor, cancellationToken));
            foreach (int rows in s_small)
            {
                small.Add(await ObserveAsync(sources[tenant], $"small {rows}", rows, cancellationToken));
            }
        }

        using var meter = new SolveMeter();
        long started = Stopwatch.GetTimestamp();

        // The large first: so each small one finds them before it.
        Task<double>[] largeTimes = [.. large.Select(task => TimeAsync(task, cancellationToken))];
        Task<double>[] smallTimes = [.. small.Select(task => TimeAsync(task, cancellationToken))];
        double[] unordered = await Task.WhenAll(smallTimes);
        double[] smallSeconds = [.. unordered.Order()];
        double[] fewShot = [.. unordered.Where((_, i) => i % s_small.Length < FewShotSizes).Order()];
        double[] largeSeconds = [.. (await Task.WhenAll(largeTimes)).Order()];
        double wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
        (double busy, long most) = meter.Read();
        TaskDescription[] all = await Task.WhenAll(small.Concat(large).Select(task => task.DescribeAsync(cancellationToken)));
        return ScenarioReport.Of(
            "solve-concurrency",
            new Figure(
                "solves_finished",
                all.Count(task => task.Status == TargetTaskStatus.Ready),
                "1",
                small.Count + large.Count,
                $"{small.Count} small ({string.Join(", ", s_small)} rows) and {large.Count} large ({LargeRows(0) / divisor:N0} to {LargeRows(Tenants - 1) / divisor:N0} rows) "
                + $"from {Tenants} tenants at once, in {wall:0.0} s; {all.Count(task => task.Posterior?.Solve is not null)} of them iteratively"),
            new Figure("solve_memory_peak_gb", most / 1e9, "GB", null, $"reserved by solves, at most {MemoryBytes / 1e9:0.0} GB; sampled every {SolveMeter.Period.TotalMilliseconds:0} ms"),
            new Figure(
                "small_wait_median_over_alone",
                smallSeconds[smallSeconds.Length / 2] / alone[alone.Length / 2],
                "1",
                1,
                $"median {smallSeconds[smallSeconds.Length / 2]:0.00} s (worst {smallSeconds[^1]:0.00} s) over {alone[alone.Length / 2]:0.00} s when the same run one by one; "
                + $"the large took {largeSeconds[0]:0.0} to {largeSeconds[^1]:0.0} s; one by one the small take {alone.Average() * small.Count:0.0} s in all"),
            new Figure("fewshot_wait_median_s", fewShot[fewShot.Length / 2], "s", null, $"of the {fewShot.Length} tasks of {s_small[0]} and {s_small[1]} rows (worst {fewShot[^1]:0.00} s)"),
            new Figure("lane_utilisation", busy / wall, "1", 1, $"{busy:0.0} s of the lane's one thread in {wall:0.0} s; at least 0.8"));
    }

    private static int LargeRows(int tenant) => 20_000 + (tenant * 80_000 / (Tenants - 1));

    // The same sizes, each with the silo to itself.
    private static async Task<double[]> SmallAloneAsync(SourceHandle[] sources, CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        foreach (int rows in s_small)
        {
            for (int i = 0; i < 3; i++)
            {
                seconds.Add(await TimeAsync(await ObserveAsync(sources[i], $"alone {rows}", rows, cancellationToken), cancellationToken));
            }
        }

        return [.. seconds.Order()];
    }

    private static async Task<TaskHandle> ObserveAsync(SourceHandle source, string name, int rows, CancellationToken cancellationToken)
    {
        TaskHandle task = source.Task(name);
        await task.ObserveAsync(GeneratedSource.Rows(rows, seed: rows), cancellationToken: cancellationToken);
        return task;
    }

    // A call that found no answer in time is made again: the work that it asked for goes on.
    private static async Task<double> TimeAsync(TaskHandle task, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await task.AdaptAsync(cancellationToken);
                return Stopwatch.GetElapsedTime(started).TotalSeconds;
            }
            catch (Exception error) when (error is TimeoutException or AdaptException { IsRetryable: true })
            {
                await Console.Error.WriteLineAsync($"asked again: {task.Key.Task} of {task.Key.Tenant}: {error.Message.Split('.')[0]}");
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }
}
