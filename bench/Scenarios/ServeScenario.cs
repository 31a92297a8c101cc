using System.Diagnostics;
using AdaptCluster.Bench.FewShot;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Silo;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Small customers through the client, in bulk and singly: durable adaptations and predictions, client and silo on the same cores.</summary>
internal static class ServeScenario
{
    private const int Rows = 32;
    private const int Inputs = 16;
    private const int QueryRows = 8;
    private const int Callers = 64;

    /// <summary>A silo that runs has compiled its code.</summary>
    private const int WarmTasks = 5_000;

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        int count = options.Short ? 2_000 : 10_000;
        SourceModel model = GeneratedTasks.Model(Inputs, 64, 64);
        TaskData[] tasks = [.. Enumerable.Range(0, count).Select(seed => GeneratedTasks.Task(Rows, Inputs, seed))];
        double raw = Raw(model, tasks);
        string path = Path.Combine(Path.GetTempPath(), $"adapt-bench-{Guid.NewGuid():N}");
        try
        {
            var figures = new List<Figure>();
            await using (AdaptSilo silo = await FewShotSource.StartSiloAsync(path))
            {
                SourceHandle source = await FewShotSource.RegisterAsync(silo, model);
                figures.AddRange(await AdaptAsync(source, tasks, raw, cancellationToken));
                figures.AddRange(await PredictAsync(source, count, raw, cancellationToken));
            }

            figures.AddRange(RedisServer.IsInstalled ? await OverRedisAsync(model, tasks, raw, path, cancellationToken) : []);
            return ScenarioReport.Of("serve", [.. figures]);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static async Task<Figure[]> OverRedisAsync(SourceModel model, TaskData[] tasks, double raw, string path, CancellationToken cancellationToken)
    {
        await using RedisServer redis = await RedisServer.StartAsync(cancellationToken: cancellationToken);
        await using AdaptSilo silo = await FewShotSource.StartSiloAsync(redis, Path.Combine(path, "tensors"));
        SourceHandle source = await FewShotSource.RegisterAsync(silo, model);
        LabelledRows[] rows = Array.ConvertAll(tasks, FewShotSource.ToRows);
        await AdaptManyAsync(source, rows.Take(WarmTasks).Select((task, i) => new TaskRows($"warm {i}", task)), cancellationToken);
        (double seconds, string cpu) = await AdaptManyAsync(source, rows.Select((task, i) => new TaskRows($"bulk {i}", task)), cancellationToken);
        double bulk = rows.Length / seconds;
        return
        [
            new Figure("bulk_redis_per_s", bulk, "1/s", raw, $"AdaptManyAsync, {rows.Length} new tasks: durable in a Redis server on these cores, append-only, fsync always; {cpu}, the server's not counted"),
            new Figure("bulk_redis_fraction_of_raw", bulk / raw, "1", 0.12, "bulk_redis_per_s over serve_raw_per_s"),
        ];
    }

    private static double Raw(SourceModel model, TaskData[] tasks)
    {
        Prior prior = GeneratedTasks.Prior(model.Spec);
        (double[] inputs, double[] targets) = RawBatch.Stack(tasks);
        using var raw = new RawBatch(model, prior.BlockScales[0], prior.NoiseVariance[0], Rows);
        double seconds = Timing.Median(3, () => raw.Run(inputs, targets, RawBatch.Size));
        TorchRuntime.UseThreadsFor(0, Environment.ProcessorCount);
        return tasks.Length / seconds;
    }

    private static async Task<Figure[]> AdaptAsync(SourceHandle source, TaskData[] tasks, double raw, CancellationToken cancellationToken)
    {
        LabelledRows[] rows = Array.ConvertAll(tasks, FewShotSource.ToRows);
        await AdaptManyAsync(source, rows.Take(WarmTasks).Select((task, i) => new TaskRows($"warm {i}", task)), cancellationToken);
        (double seconds, string cpu) = await AdaptManyAsync(source, rows.Select((task, i) => new TaskRows($"bulk {i}", task)), cancellationToken);
        double bulk = rows.Length / seconds;
        LatencyRun single = await LatencyRun.RunAsync(Callers, rows.Length / 2, i => source.Task($"single {i}").AdaptAsync(rows[i], cancellationToken));
        LatencyRun alone = await LatencyRun.RunAsync(1, 300, i => source.Task($"alone {i}").AdaptAsync(rows[i], cancellationToken));
        LatencyRun bare = await LatencyRun.RunAsync(1, 3_000, _ => source.DescribeAsync(cancellationToken));
        return
        [
            new Figure("serve_raw_per_s", raw, "1/s", null, $"n = {Rows}, d = {Inputs}, 64-64-1: the straight loop of batched TorchSharp calls of 'fewshot', in this run"),
            new Figure("bulk_embedded_per_s", bulk, "1/s", raw, $"AdaptManyAsync, {rows.Length} new tasks: observations and posterior durable in the embedded store before each acknowledgement; {cpu}"),
            new Figure("bulk_embedded_fraction_of_raw", bulk / raw, "1", 0.25, "bulk_embedded_per_s over serve_raw_per_s"),
            new Figure("single64_per_s", single.PerSecond, "1/s", raw, $"AdaptAsync of new tasks, {Callers} callers that wait for each acknowledgement; {single.Cpu}"),
            new Figure("single64_fraction_of_raw", single.PerSecond / raw, "1", 0.08, "single64_per_s over serve_raw_per_s"),
            new Figure("single64_p50_ms", single.Milliseconds(0.5), "ms", null, "of these calls"),
            new Figure("single64_p99_over_p50", single.Milliseconds(0.99) / single.Milliseconds(0.5), "1", 4, "of these calls"),
            new Figure("alone_p50_ms", alone.Milliseconds(0.5), "ms", null, $"the same, one caller on an idle silo; {alone.Cpu}"),
            new Figure("alone_p50_over_bare_call", alone.Milliseconds(0.5) / bare.Milliseconds(0.5), "1", 30, $"alone_p50_ms over the p50 of a bare grain call, {bare.Milliseconds(0.5) * 1e3:0} us in this run"),
        ];
    }

    private static async Task<Figure[]> PredictAsync(SourceHandle source, int tasks, double raw, CancellationToken cancellationToken)
    {
        Rows[] inputs = [.. Enumerable.Range(0, 100).Select(seed => new Rows(QueryRows, Inputs, GeneratedTasks.Inputs(QueryRows, Inputs, seed).Values))];
        TaskInputs[] queries = [.. Enumerable.Range(0, tasks).Select(i => new TaskInputs($"bulk {i}", inputs[i % inputs.Length]))];
        await PredictManyAsync(source, queries, cancellationToken);
        (double seconds, string cpu) = await PredictManyAsync(source, queries, cancellationToken);
        double bulk = tasks * QueryRows / seconds;
        LatencyRun single = await LatencyRun.RunAsync(Callers, tasks, i => source.Task(queries[i].Task).PredictAsync(queries[i].Inputs, cancellationToken));
        return
        [
            new Figure("predict_bulk_rows_per_s", bulk, "1/s", 100_000, $"PredictManyAsync, {tasks} warm tasks, {QueryRows} rows each: mean and standard deviation; {cpu}. The raw loop adapts {raw:0} tasks a second"),
            new Figure("predict_single64_rows_per_s", single.PerSecond * QueryRows, "1/s", 30_000, $"PredictAsync, {Callers} callers; {single.Cpu}"),
            new Figure("predict_single64_p50_ms", single.Milliseconds(0.5), "ms", null, "of these calls"),
            new Figure("predict_single64_p99_over_p50", single.Milliseconds(0.99) / single.Milliseconds(0.5), "1", 5, "of these calls, at full load"),
        ];
    }

    private static async Task<(double Seconds, string Cpu)> AdaptManyAsync(SourceHandle source, IEnumerable<TaskRows> tasks, CancellationToken cancellationToken)
    {
        int count = 0;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await foreach (TaskOutcome outcome in source.AdaptManyAsync(tasks, cancellationToken: cancellationToken))
        {
            if (outcome.Error is not null)
            {
                throw outcome.Error;
            }

            count++;
        }

        return (Stopwatch.GetElapsedTime(started).TotalSeconds, $"{(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / count:0} us of processor time each");
    }

    private static async Task<(double Seconds, string Cpu)> PredictManyAsync(SourceHandle source, IEnumerable<TaskInputs> tasks, CancellationToken cancellationToken)
    {
        int count = 0;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await foreach (PredictionOutcome outcome in source.PredictManyAsync(tasks, cancellationToken: cancellationToken))
        {
            if (outcome.Error is not null)
            {
                throw outcome.Error;
            }

            count++;
        }

        return (Stopwatch.GetElapsedTime(started).TotalSeconds, $"{(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / count:0} us of processor time each");
    }
}
