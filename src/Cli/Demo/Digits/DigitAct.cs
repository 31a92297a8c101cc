using AdaptCluster.Cli.Figures;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Evaluation;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Demo.Digits;

/// <summary>
/// One convolutional network of the angles of turned digits, adapted to digits that it has not seen, upright in colour and inverted: with all its
/// parameters and with its last layer alone, each under a prior of its own.
/// </summary>
internal sealed class DigitAct(DemoStage stage, DigitData data, string network)
{
    private const string Name = "digits";

    public async Task<(int Parameters, int OfLastLayer, IReadOnlyList<DigitResult> Results)> RunAsync()
    {
        LabelledRows rows = data.Source();
        TaskRows[] fleet = data.Fleet();
        (SourceHandle all, int parameters) = await PrepareAsync("all", rows, fleet);
        (SourceHandle last, int ofLast) = await PrepareAsync("last", rows, fleet);
        DigitTask[] tasks = data.NewTasks();
        var results = new List<DigitResult>();
        foreach (int k in DigitTask.Points)
        {
            (FitScores None, FitScores Adapted)[] full = await ScoresAsync(all, tasks, k);
            (FitScores None, FitScores Adapted)[] layer = await ScoresAsync(last, tasks, k);
            foreach (DigitFamily family in Enum.GetValues<DigitFamily>())
            {
                int[] chosen = [.. Enumerable.Range(0, tasks.Length).Where(index => tasks[index].Family == family)];
                results.Add(Mean(family, k, LearningCurveMethod.None, chosen, index => full[index].None));
                results.Add(Mean(family, k, LearningCurveMethod.LastLayer, chosen, index => layer[index].Adapted));
                results.Add(Mean(family, k, LearningCurveMethod.Adapted, chosen, index => full[index].Adapted));
            }
        }

        return (parameters, ofLast, results);
    }

    // The same seed gives the same weights: the two sources differ in what is adapted only.
    private async Task<(SourceHandle Source, int Parameters)> PrepareAsync(string adapting, LabelledRows rows, TaskRows[] fleet)
    {
        SourceHandle source = stage.Client.Source($"{Name}-{adapting}");
        SourceDescription description = await stage.TrainAsync(Name, source, rows, DigitData.Schema, "angle", new TrainingOptions
        {
            Spec = network,
            Adapting = adapting,
            Epochs = 15,
            BatchSize = 256,
            LearningRate = 3e-3,
            Seed = stage.Seed,
        });
        await stage.FitPriorAsync(Name, source, fleet, new PriorFitOptions { MaxIterations = 30, Seed = stage.Seed });
        return (source, description.Parameters);
    }

    private async Task<(FitScores None, FitScores Adapted)[]> ScoresAsync(SourceHandle source, DigitTask[] tasks, int k)
    {
        await stage.AdaptAsync(Name, source, [.. tasks.Select(task => new TaskRows(TaskName(task, k), task.Pool.Slice(0, k)))]);
        return await stage.PredictAsync(Name, tasks, async task =>
        {
            Prediction prediction = await source.Task(TaskName(task, k)).PredictAsync(task.Tests.Inputs);
            var none = new ScoreSum();
            var adapted = new ScoreSum();
            for (int row = 0; row < task.Tests.Count; row++)
            {
                double observed = task.Tests.Targets[row][0];
                none.Add(observed, prediction.SourceMean[row][0], prediction.SourceNoiseVariance[0]);
                adapted.Add(observed, prediction.Mean[row][0], prediction.LatentVariance[row][0] + prediction.NoiseVariance[0]);
            }

            return (none.Mean(), adapted.Mean());
        });
    }

    private static string TaskName(DigitTask task, int k) => $"{task.Name}/k={k}";

    private static DigitResult Mean(DigitFamily family, int k, LearningCurveMethod method, int[] chosen, Func<int, FitScores> of) => new(
        family,
        k,
        method,
        chosen.Length,
        chosen.Average(index => of(index).MeanSquaredError),
        chosen.Average(index => of(index).MeanNegativeLogDensity),
        chosen.Average(index => of(index).Coverage95));
}
