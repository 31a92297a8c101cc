using AdaptCluster.Cli.Demo;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Training;
using TorchSharp;

namespace AdaptCluster.Bench;

/// <summary>All flights of a file as one task of a network that was trained on some of them, with the prior of its airports.</summary>
/// <param name="Model">13-64-64-1, tanh.</param>
/// <param name="Prior">The fleet prior of the airports.</param>
/// <param name="Data">All rows, in the file's order.</param>
internal sealed record FlightsTask(SourceModel Model, Prior Prior, TaskData Data)
{
    private const int TrainingRows = 100_000;
    private const int Epochs = 6;
    private const int PriorRows = 50;
    private const int PriorTasks = 200;

    public static async Task<FlightsTask> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        (TaskData data, int[][] byOrigin) = await ReadRowsAsync(path, cancellationToken);
        var random = new Random(1);
        SourceModel model = Train(data, random);
        return new FlightsTask(model, FitPrior(model, data, byOrigin, random), data);
    }

    /// <summary>The first part of the task: so many rows, spread over all.</summary>
    public TaskData Rows(int count) => count >= Data.Rows
        ? Data
        : Data.SelectRows([.. Enumerable.Range(0, count).Select(i => (int)((long)i * Data.Rows / count))]);

    private static async Task<(TaskData Data, int[][] ByOrigin)> ReadRowsAsync(string path, CancellationToken cancellationToken)
    {
        Table table = await TableFile.ReadAsync(path, ["date", "delay", "distance", "origin"], cancellationToken);
        DateTime[] dates = table.Timestamps("date");
        double[] distances = table.Numbers("distance");
        DateTime first = dates.Min();
        int width = AirportFeatures.Schema.Width;
        var inputs = new double[dates.Length * width];
        for (int i = 0; i < dates.Length; i++)
        {
            AirportFeatures.Write(inputs.AsSpan(i * width, width), dates[i], distances[i], first);
        }

        double[] targets = Array.ConvertAll(table.Numbers("delay"), AirportFeatures.Clip);
        int[][] byOrigin = [.. TaskGroup.Group(table.Texts("origin")).Select(group => group.Rows.ToArray()).Where(rows => rows.Length >= PriorRows)];
        return (new TaskData(new RowMatrix(dates.Length, width, inputs), new RowMatrix(dates.Length, 1, targets)), byOrigin);
    }

    private static SourceModel Train(TaskData data, Random random)
    {
        int[] rows = [.. Enumerable.Range(0, Math.Min(TrainingRows, data.Rows)).Select(_ => random.Next(data.Rows))];
        NetworkSpec spec = NetworkSpec.Mlp(data.Inputs.Columns, [64, 64], 1, Activation.Tanh);
        using var trainer = new NetworkTrainer(
            spec, data.SelectRows(rows), new TrainingOptions { Epochs = Epochs, BatchSize = 1_024, LearningRate = 2e-3, Seed = 1 }, torch.CPU);
        while (!trainer.Finished)
        {
            trainer.RunEpoch();
        }

        return trainer.Finish().Model;
    }

    private static Prior FitPrior(SourceModel model, TaskData data, int[][] byOrigin, Random random)
    {
        TaskData[] tasks =
        [
            .. Enumerable.Range(0, PriorTasks).Select(_ =>
            {
                int[] rows = byOrigin[random.Next(byOrigin.Length)];
                return data.SelectRows([.. Enumerable.Range(0, PriorRows).Select(_ => rows[random.Next(rows.Length)])]);
            }),
        ];
        using var network = new SourceNetwork(model, torch.CPU);
        var options = new FleetFitOptions { MaxIterations = 20 };
        using var evidence = new FleetEvidence(network, tasks, options);
        return FleetPriorFitter.Fit(evidence, model.Spec, options).Prior;
    }
}
