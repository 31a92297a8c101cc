using AdaptCluster.Cli.Demo;
using AdaptCluster.Client.Data;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Comparisons;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Training;
using TorchSharp;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Every method on the sinusoids of the talk and on all airports, in this process; the school data has a command of its own (docs/design/comparison.md).</summary>
internal static class CompareScenario
{
    private const int SinusoidTraining = 500;
    private const int SinusoidTests = 200;
    private const int SinusoidRows = 130; // 30 to see, 100 to score
    private const int Epochs = 10;

    /// <param name="options">The flights, and whether it is to be short: one split of the airports instead of five.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        TorchRuntime.UseThreadsFor(0, 1);
        string flights = options.Data ?? Path.Combine(AppContext.BaseDirectory, "samples", "flights.parquet");
        AirportFleet fleet = await AirportFleet.ReadAsync(flights, seed: 0, cancellationToken);
        Figure[] airports = Airports(fleet, options.Short ? 1 : 5, cancellationToken);
        return ScenarioReport.Of("compare", [.. airports, .. Sinusoids(cancellationToken)]);
    }

    private static Figure[] Sinusoids(CancellationToken cancellationToken)
    {
        var family = new SinusoidTasks(seed: 0);
        NetworkSpec spec = NetworkSpec.Mlp(1, [64, 64], 1, Activation.GELU);
        TaskData pooled = ToTask(RowStack.Of([.. Enumerable.Range(0, 4).Select(_ => family.Observe(family.Next(), 200))]));
        using var trainer = new NetworkTrainer(spec, pooled, new TrainingOptions { Epochs = 300, BatchSize = 64 }, torch.CPU);
        while (!trainer.Finished)
        {
            cancellationToken.ThrowIfCancellationRequested();
            trainer.RunEpoch();
        }

        TaskData[] tasks = [.. Enumerable.Range(0, SinusoidTraining + SinusoidTests).Select(_ => ToTask(family.Observe(family.Next(), SinusoidRows)))];
        var options = new ComparisonOptions
        {
            Points = [5, 10, 20, 30],
            TrainShare = SinusoidTraining / (double)(SinusoidTraining + SinusoidTests),
            MinTestRows = 100,
            MaxTestRows = 100,
            FleetRows = 30,
            FleetPieces = 1,
            Rank = null, // the tasks of a family lie near a surface of few dimensions: how many, held-out training tasks decide
        };
        return Figures("sinusoids", trainer.Finish().Model, tasks, options, cancellationToken);
    }

    private static Figure[] Airports(AirportFleet fleet, int splits, CancellationToken cancellationToken)
    {
        TaskData[] tasks = [.. fleet.Sources.Concat(fleet.Targets).Select(airport => ToTask(airport.Flights))];
        NetworkSpec spec = NetworkSpec.Mlp(tasks[0].Inputs.Columns, [48, 48], 1, Activation.Tanh);
        var model = new SourceModel(NetworkWeights.Initialise(spec, 0), Standardisation.Identity(spec.InputWidth), Standardisation.Identity(1));
        var options = new ComparisonOptions
        {
            Points = [.. Airport.Points],
            Splits = splits,
            MinTestRows = 200,
            FleetRows = 200, // tasks of 5 to 1,000 rows come
            FleetPieces = 5,
            Retrain = new TrainingOptions { Epochs = Epochs, BatchSize = 1_024, LearningRate = 2e-3 },
        };
        return Figures("airports", model, tasks, options, cancellationToken);
    }

    private static Figure[] Figures(string name, SourceModel model, TaskData[] tasks, ComparisonOptions options, CancellationToken cancellationToken)
    {
        string last = string.Empty;
        ComparisonResult result = Comparison.Run(model, tasks, options, torch.CPU, new InlineSlices(cancellationToken), progress =>
        {
            string step = $"{name}, split {progress.Split} of {progress.Splits}, {progress.Step.Split(' ')[0]}";
            if (step != last)
            {
                Console.Error.WriteLine(last = step);
            }
        });
        Figure[] figures =
        [
            .. result.Scores.SelectMany(score => new[]
            {
                new Figure($"{name}_{score.Points}_{score.Method}_mse", score.MeanSquaredError.Mean, "target^2", null, Note(score, score.MeanSquaredError, score.MeanSquaredErrorOverAdapted)),
                new Figure($"{name}_{score.Points}_{score.Method}_nlpd", score.NegativeLogDensity.Mean, "nats", null, Note(score, score.NegativeLogDensity, score.NegativeLogDensityOverAdapted)),
            }),
        ];

        // Hours may lie between two fleets: what is known is said.
        foreach (Figure figure in figures)
        {
            Console.Error.WriteLine($"{figure.Name} {figure.Value:G6} ({figure.Note})");
        }

        return figures;
    }

    private static string Note(ComparisonScore score, Estimate estimate, Estimate? difference) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{score.Tasks:0} tasks, standard error {estimate.StandardError:G3}; less adapted's {difference?.Mean:G3} (standard error {difference?.StandardError:G3}); coverage {score.Coverage95.Mean:P1}, {1e3 * score.SecondsPerTask:0.0} ms per task, {score.Failures} failures");

    private static TaskData ToTask(LabelledRows rows) => new(
        new RowMatrix(rows.Count, rows.Inputs.Width, rows.Inputs.Values), new RowMatrix(rows.Count, rows.Targets.Width, rows.Targets.Values));
}
