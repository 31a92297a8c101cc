using System.Diagnostics;
using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Silo;
using AdaptCluster.Silo.DataDirectories;
using TorchSharp;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>How many small customers per second: the mathematics alone, and durable through the client.</summary>
internal static class FewShotScenario
{
    private const int Rows = 32;
    private const int Inputs = 16;
    private const int InProcessTasks = 2_000;
    private const int ClientTasks = 2_000;
    private const int Concurrency = 64;

    public static async Task<ScenarioReport> RunAsync()
    {
        SourceModel model = GeneratedTasks.Model(Inputs, 64, 64);
        TaskData[] tasks = [.. Enumerable.Range(0, InProcessTasks).Select(seed => GeneratedTasks.Task(Rows, Inputs, seed))];
        double gemm = Gemm.Measure(torch.ScalarType.Float64);
        double inProcess = InProcess(model, tasks);
        (double bulk, double single) = await ThroughClientAsync(model, tasks);
        double flops = FlopsPerTask(model.Spec);
        return ScenarioReport.Of(
            "fewshot",
            new Figure(
                "fewshot_in_process_per_s",
                inProcess,
                "1/s",
                gemm * 1e9 / flops,
                $"n = {Rows}, d = {Inputs}, 64-64-1, fp64, one at a time: factors, kernel, Cholesky, evidence, leave-one-out. "
                + $"Floor: {flops / 1e6:0.00} MFLOP at this run's {gemm:0} GFLOP/s; bound by the call of some dozens of tiny tensor operations"),
            new Figure(
                "fewshot_client_per_s",
                bulk,
                "1/s",
                inProcess,
                $"the same through the client, {Concurrency} tasks under way, new tasks, observations and posterior durable in the embedded store before each acknowledgement"),
            new Figure(
                "fewshot_client_one_caller_per_s", single, "1/s", inProcess, "the same, one caller that waits for each acknowledgement"),
            new Figure("fewshot_client_fraction_of_in_process", bulk / inProcess, "1", 1, "fewshot_client_per_s over fewshot_in_process_per_s"));
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
            var settings = new SiloSettings { DataDirectory = path, Role = SiloRole.Private };
            DataDirectory directory = DataDirectory.TryOpen(path, SiloRole.Private)
                ?? throw new InvalidOperationException($"'{path}' is in use.");
            await using AdaptSilo silo = await AdaptSilo.StartAsync(settings, directory);
            SourceHandle source = new AdaptClient(silo.Grains, "bench").Source("fewshot");
            await source.RegisterAsync(Registration(model));
            await source.SetPriorAsync(new PriorSetting(0.01, 0.1, MeanIsSource: true));
            TaskRows[] rows = [.. tasks.Take(ClientTasks).Select((task, i) => new TaskRows($"bulk {i}", ToRows(task)))];
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

    private static LabelledRows ToRows(TaskData task) => new(
        new Rows(task.Rows, task.Inputs.Columns, task.Inputs.Values), new Rows(task.Rows, task.Targets.Columns, task.Targets.Values));

    private static SourceRegistration Registration(SourceModel model) => new()
    {
        Schema = InputSchema.Numeric([.. Enumerable.Range(0, Inputs).Select(i => $"x{i}")]),
        Targets = ["y"],
        Network = NetworkDescription.Mlp(Inputs, [64, 64], 1, "tanh"),
        Weights = TensorPayload.FromVector(model.Weights.Values),
    };

    /// <summary>Forward and reverse pass, half of the kernel's products, Cholesky, its inverse for leave-one-out.</summary>
    private static double FlopsPerTask(NetworkSpec spec)
    {
        double n = Rows;
        double width = spec.Nodes.OfType<LinearNode>().Sum(node => node.Outputs) + spec.InputWidth + spec.Nodes.OfType<LinearNode>().SkipLast(1).Sum(node => node.Outputs);

        return (4 * n * spec.ParameterCount) + (n * n * width) + (n * n * n / 3) + (2 * n * n * n / 3);
    }
}
