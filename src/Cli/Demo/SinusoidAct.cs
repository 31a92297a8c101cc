using AdaptCluster.Cli.Figures;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Demo;

/// <summary>
/// The first act: one network trained on a few sinusoids, a prior learned on many, and new sinusoids found from ten points each.
/// </summary>
internal sealed class SinusoidAct(DemoStage stage)
{
    private const int SourceTasks = 4; // the network of many pooled sinusoids is flat, and has no features to adapt
    private const int SourcePoints = 200;
    private const int FleetTasks = 200;
    private const int NewTasks = 50;
    private const int NewPoints = 10;
    private const int Panels = 4;
    private const int GridPoints = 201;

    private readonly SinusoidTasks _family = new(stage.Seed);

    public async Task<(SinusoidScore Score, IReadOnlyList<SinusoidPanel> Panels)> RunAsync()
    {
        SourceHandle source = stage.Client.Source("sinusoids");
        await TrainAsync(source);
        await FitPriorAsync(source);
        (SinusoidTask Truth, TaskRows Data)[] tasks = [.. Enumerable.Range(1, NewTasks).Select(New)];
        await stage.AdaptAsync("sinusoids", source, [.. tasks.Select(task => task.Data)]);
        SinusoidScore score = Mean(await stage.PredictAsync("sinusoids", tasks, task => ScoreAsync(source, task.Truth, task.Data)));
        SinusoidPanel[] panels = await Task.WhenAll(tasks.Take(Panels).Select(task => DrawAsync(source, task.Truth, task.Data)));
        return (score, panels);
    }

    private Task<SourceDescription> TrainAsync(SourceHandle source)
    {
        LabelledRows rows = RowStack.Of([.. Enumerable.Range(0, SourceTasks).Select(_ => _family.Observe(_family.Next(), SourcePoints))]);
        return stage.TrainAsync("sinusoids", source, rows, InputSchema.Numeric("x"), "y", new TrainingOptions
        {
            Hidden = [64, 64],
            Activation = "silu",
            Epochs = 300,
            Patience = 300,
            BatchSize = 64,
            LearningRate = 3e-3,
            Seed = stage.Seed,
        });
    }

    private Task<PriorDescription> FitPriorAsync(SourceHandle source)
    {
        TaskRows[] fleet = [.. Enumerable.Range(1, FleetTasks).Select(i =>
            new TaskRows($"fleet {i}", _family.Observe(_family.Next(), _family.Count(10, 30))))];
        return stage.FitPriorAsync("sinusoids", source, fleet, new PriorFitOptions { MaxIterations = 60, Seed = stage.Seed });
    }

    private (SinusoidTask Truth, TaskRows Data) New(int number)
    {
        SinusoidTask truth = _family.Next();
        return (truth, new TaskRows($"new {number}", _family.Observe(truth, NewPoints)));
    }

    private static async Task<GridScore> ScoreAsync(SourceHandle source, SinusoidTask truth, TaskRows data)
    {
        double[] seen = data.Rows.Inputs.Values;
        double[] grid = GridScore.Grid(seen.Min(), seen.Max(), GridPoints);
        return GridScore.Of(truth, grid, await source.Task(data.Task).PredictAsync(new Rows(grid.Length, 1, grid)));
    }

    private static async Task<SinusoidPanel> DrawAsync(SourceHandle source, SinusoidTask truth, TaskRows data)
    {
        double[] grid = GridScore.Grid(-SinusoidTasks.Reach, SinusoidTasks.Reach, GridPoints);
        Prediction prediction = await source.Task(data.Task).PredictAsync(new Rows(grid.Length, 1, grid));
        double[] mean = prediction.Mean.Values;
        double[] half = Array.ConvertAll(prediction.LatentVariance.Values, variance => Prediction.Normal95 * Math.Sqrt(variance));
        return new SinusoidPanel(
            truth.ToString(),
            grid,
            Array.ConvertAll(grid, truth.At),
            prediction.SourceMean.Values,
            mean,
            [.. mean.Zip(half, (m, h) => m - h)],
            [.. mean.Zip(half, (m, h) => m + h)],
            data.Rows.Inputs.Values,
            data.Rows.Targets.Values);
    }

    private static SinusoidScore Mean(GridScore[] scores) => new(
        scores.Length,
        NewPoints,
        scores.Average(score => score.Within2sd),
        scores.Average(score => score.Mse),
        scores.Average(score => score.SourceMse),
        scores.Average(score => score.MeanSd));
}
