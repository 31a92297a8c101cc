using System.Diagnostics;
using AdaptCluster.Bench.FewShot;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Silo;
using TorchSharp;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>How many small customers per second: the mathematics alone, and durable through the client.</summary>
internal static class FewShotScenario
{
    private const int Rows = 32;
    private const int Inputs = 16;
    private const int InProcessTasks = 2_000;
    private const int BatchedTasks = 20_000;
    private const int SpreadTasks = 4_000;
    private const int Repetitions = 5;
    private const int ClientTasks = 2_000;
    private const int Concurrency = 64;

    // What is fastest here; smaller ones pay for calls, larger ones leave the cache.
    private static readonly int[] s_rawBatches = [64, 128, 256];

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options)
    {
        SourceModel model = GeneratedTasks.Model(Inputs, 64, 64);
        TaskData[] tasks = [.. Enumerable.Range(0, InProcessTasks).Select(seed => GeneratedTasks.Task(Rows, Inputs, seed))];
        double gemm = Gemm.Measure(torch.ScalarType.Float64);
        double flops = FlopsPerTask(model.Spec);
        var figures = new List<Figure>();
        if (options.Includes("batched"))
        {
            figures.AddRange(Batched(model, gemm * 1e9 / flops));
        }

        if (options.Includes("client"))
        {
            figures.AddRange(await OneAtATimeAsync(model, tasks, gemm * 1e9 / flops));
        }

        return ScenarioReport.Of("fewshot", [.. figures]);
    }

    /// <summary>The same arithmetic as a straight loop and by the library, by turns.</summary>
    private static Figure[] Batched(SourceModel model, double floor)
    {
        Prior prior = GeneratedTasks.Prior(model.Spec);
        BatchTask[] tasks = [.. Enumerable.Range(0, BatchedTasks).Select(seed => new BatchTask(GeneratedTasks.Task(Rows, Inputs, seed)))];
        (double[] inputs, double[] targets) = RawBatch.Stack([.. tasks.Select(task => task.Data)]);
        using var raw = new RawBatch(model, prior.BlockScales[0], prior.NoiseVariance[0], Rows);
        using var network = new SourceNetwork(model, torch.CPU);
        TorchRuntime.UseThreadsFor(double.PositiveInfinity, Environment.ProcessorCount);
        int batch = s_rawBatches.MinBy(size => Timing.Median(3, () => raw.Run(inputs[..(4_000 * Rows * Inputs)], targets[..(4_000 * Rows)], size)));
        double rawEvidence = 0;
        double evidence = 0;
        var seconds = new List<(double Raw, double Ours)>();
        (TimeSpan rawCpu, TimeSpan cpu) = (TimeSpan.Zero, TimeSpan.Zero);
        for (int i = 0; i <= Repetitions; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            long started = Stopwatch.GetTimestamp();
            rawEvidence = raw.Run(inputs, targets, batch);
            double rawSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            TimeSpan between = Environment.CpuUsage.TotalTime;
            started = Stopwatch.GetTimestamp();
            evidence = TaskBatch.Fit(network, tasks, prior).Sum(outcome => outcome.Value!.Report.LogEvidence);
            seconds.Add((rawSeconds, Stopwatch.GetElapsedTime(started).TotalSeconds));
            (rawCpu, cpu) = (rawCpu + between - before, cpu + Environment.CpuUsage.TotalTime - between);
        }

        if (Math.Abs(rawEvidence - evidence) > 1e-9 * Math.Abs(evidence))
        {
            throw new InvalidOperationException($"The loop's evidence {rawEvidence:R} is not the library's {evidence:R}: they do not compute the same.");
        }

        BatchTask[] some = tasks[..SpreadTasks];
        Prior spread = prior with { Spread = new TaskSpread(0.5, 0.5) };
        double[] shares = [.. Enumerable.Range(0, Repetitions).Select(_ => Timing.Median(1, () => TaskBatch.Fit(network, some, prior)) / Timing.Median(1, () => TaskBatch.Fit(network, some, spread)))];

        // Pairs of one moment: the machine is shared, so ratios are taken between neighbours.
        (double Raw, double Ours)[] counted = [.. seconds.Skip(1)];
        double rawRate = BatchedTasks / Median(counted.Select(pair => pair.Raw));
        double rate = BatchedTasks / Median(counted.Select(pair => pair.Ours));
        return
        [
            new Figure(
                "fewshot_raw_per_s",
                rawRate,
                "1/s",
                floor,
                $"n = {Rows}, d = {Inputs}, 64-64-1, fp64, {BatchedTasks} tasks, {batch} at a time: a straight loop of batched TorchSharp calls, reverse pass written out; {Each(rawCpu)}"),
            new Figure(
                "fewshot_batched_per_s", rate, "1/s", rawRate, $"the same by TaskBatch.Fit: any network, each task checked, its own report and posterior; by turns with the loop; {Each(cpu)}"),
            new Figure("fewshot_fraction_of_raw", Median(counted.Select(pair => pair.Raw / pair.Ours)), "1", 0.7, "fewshot_batched_per_s over fewshot_raw_per_s, the median of neighbours' ratios"),
            new Figure(
                "fewshot_spread_fraction", Median(shares), "1", 1, $"the rate where the prior has a spread, so that each task's own noise and scale are found, over the rate where it has none; {SpreadTasks} tasks"),
        ];

        string Each(TimeSpan all) => $"{all.TotalMicroseconds / (BatchedTasks * (Repetitions + 1)):0} us of processor time each";
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Repetitions / 2);

    private static async Task<Figure[]> OneAtATimeAsync(SourceModel model, TaskData[] tasks, double floor)
    {
        double inProcess = InProcess(model, tasks);
        (double bulk, double single) = await ThroughClientAsync(model, tasks);
        return
        [
            new Figure(
                "fewshot_in_process_per_s",
                inProcess,
                "1/s",
                floor,
                $"n = {Rows}, d = {Inputs}, 64-64-1, fp64, one at a time: factors, kernel, Cholesky, evidence, leave-one-out. "
                + $"Floor: {FlopsPerTask(model.Spec) / 1e6:0.00} MFLOP at this run's fp64 product; bound by the call of some dozens of tiny tensor operations"),
            new Figure(
                "fewshot_client_per_s",
                bulk,
                "1/s",
                inProcess,
                $"the same through the client, {Concurrency} tasks under way, new tasks, observations and posterior durable in the embedded store before each acknowledgement"),
            new Figure(
                "fewshot_client_one_caller_per_s", single, "1/s", inProcess, "the same, one caller that waits for each acknowledgement"),
            new Figure("fewshot_client_fraction_of_in_process", bulk / inProcess, "1", 1, "fewshot_client_per_s over fewshot_in_process_per_s"),
        ];
    }

    private static double InProcess(SourceModel model, TaskData[] tasks)
    {
        Prior prior = GeneratedTasks.Prior(model.Spec);
        TorchRuntime.UseThreadsFor(FlopsPerTask(model.Spec), Environment.ProcessorCount);
        using var network = new SourceNetwork(model, torch.CPU);
        double seconds = Timing.Median(5, () =>
        {
            foreach (TaskData task in tasks)
            {
                using TaskPosterior posterior = TaskPosterior.Fit(network, task, prior);
            }
        });
        return tasks.Length / seconds;
    }

    private static async Task<(double Bulk, double Single)> ThroughClientAsync(SourceModel model, TaskData[] tasks)
    {
        string path = Path.Combine(Path.GetTempPath(), $"adapt-bench-{Guid.NewGuid():N}");
        try
        {
            await using AdaptSilo silo = await FewShotSource.StartSiloAsync(path);
            SourceHandle source = await FewShotSource.RegisterAsync(silo, model);
            TaskRows[] rows = [.. tasks.Take(ClientTasks).Select((task, i) => new TaskRows($"bulk {i}", FewShotSource.ToRows(task)))];
            await AdaptAllAsync(source, rows.Take(200).Select(task => task with { Task = $"warm {task.Task}" }));
            double bulk = rows.Length / await AdaptAllAsync(source, rows);
            long started = Stopwatch.GetTimestamp();
            const int singles = 500;
            for (int i = 0; i < singles; i++)
            {
                await source.Task($"single {i}").AdaptAsync(rows[i].Rows);
            }

            return (bulk, singles / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static async Task<double> AdaptAllAsync(SourceHandle source, IEnumerable<TaskRows> tasks)
    {
        long started = Stopwatch.GetTimestamp();
        await foreach (TaskOutcome outcome in source.AdaptManyAsync(tasks, Concurrency))
        {
            if (outcome.Error is not null)
            {
                throw outcome.Error;
            }
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Forward and reverse pass, half of the kernel's products, Cholesky, its inverse for leave-one-out.</summary>
    private static double FlopsPerTask(NetworkSpec spec)
    {
        double n = Rows;
        double width = spec.Nodes.OfType<LinearNode>().Sum(node => node.Outputs) + spec.InputWidth + spec.Nodes.OfType<LinearNode>().SkipLast(1).Sum(node => node.Outputs);

        return (4 * n * spec.ParameterCount) + (n * n * width) + (n * n * n / 3) + (2 * n * n * n / 3);
    }
}
