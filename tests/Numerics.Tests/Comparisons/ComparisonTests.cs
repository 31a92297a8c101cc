using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Comparisons;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tests.Baselines;
using AdaptCluster.Numerics.Training;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Comparisons;

public sealed class ComparisonTests
{
    private static readonly ComparisonOptions Small = new()
    {
        Methods = [MethodNames.None, MethodNames.MeanShift, MethodNames.Adapted, MethodNames.Chosen],
        Points = [3, 6],
        Splits = 2,
        FleetRows = 10,
    };

    [Fact]
    public void Run_SameSeed_GivesTheSameScores()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 16, 14, seed: 1);
        ComparisonResult one = Comparison.Run(model, tasks, Small, torch.CPU, new InlineSlices());
        ComparisonResult two = Comparison.Run(model, tasks, Small, torch.CPU, new InlineSlices());
        Assert.Equal(one.Scores.Select(Numbers), two.Scores.Select(Numbers));
        Assert.Equal([3, 3, 3, 3, 6, 6, 6, 6], one.Scores.Select(s => s.Points));
        Assert.Equal(one.Scores.Select(Numbers), one.Curve.Select(Numbers)); // every task allows both
        Assert.All(one.Scores, s => Assert.Equal(8, s.Tasks));
        Assert.All(one.Scores.Where(s => s.Method == MethodNames.Adapted), s => Assert.Equal(new Estimate(0, 0), s.MeanSquaredErrorOverAdapted));
        Assert.Equal(1, one.CandidateWeights.Values.Sum(), 1e-12);
        Assert.Equal(1, one.Scores.Last(s => s.Method == MethodNames.Chosen).Choices!.Values.Sum(), 1e-12);
    }

    [Fact]
    public void Run_TasksTooSmallForAPoint_TakePartInTheOthersOnly()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = [.. Fleets.Related(model, 10, 8, seed: 1), .. Fleets.Related(model, 10, 14, seed: 2)];
        ComparisonResult result = Comparison.Run(model, tasks, Small with { Splits = 1 }, torch.CPU, new InlineSlices());
        double larger = result.Scores.First(s => s.Points == 6).Tasks;
        Assert.Equal(10, result.Scores.First(s => s.Points == 3).Tasks);
        Assert.InRange(larger, 1, 9);
        Assert.All(result.Curve, s => Assert.Equal(larger, s.Tasks));
    }

    [Fact]
    public void Rows_EveryNumberOfPoints_ScoresTheSameRowsThatWereNotSeen()
    {
        double[] numbers = [.. Enumerable.Range(0, 14).Select(i => (double)i)];
        var task = new TaskData(new RowMatrix(14, 1, numbers), new RowMatrix(14, 1, numbers));
        (TaskData few, TaskData scored) = ComparisonSplit.Rows(task, Small, 7, 3);
        (TaskData more, TaskData again) = ComparisonSplit.Rows(task, Small, 7, 6);
        Assert.Equal(scored.Inputs.Values, again.Inputs.Values);
        Assert.Equal(8, scored.Rows);
        Assert.Equal(few.Inputs.Values, more.Inputs.Values[..3]);
        Assert.Empty(more.Inputs.Values.Intersect(scored.Inputs.Values));
    }

    [Fact]
    public void Split_LargeTrainingTasks_AreCut()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 8, 25, seed: 1);
        ComparisonSplit split = ComparisonSplit.Of(tasks, Small, 0);
        Assert.Equal(4, split.Training.Length);
        Assert.Equal(8, split.Fleet.Count); // two whole pieces of ten of each
        Assert.All(split.Fleet, piece => Assert.Equal(10, piece.Rows));
        Assert.Empty(split.Training.Intersect(split.Tests));
    }

    [Fact]
    public void Run_Retrained_LearnsFromTheTrainingTasks()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 30, 30, seed: 3, moved: 0.05);
        SourceModel blank = new(NetworkWeights.Initialise(model.Spec, 99), Standardisation.Identity(2), Standardisation.Identity(1));
        ComparisonOptions options = Small with { Splits = 1, Methods = [MethodNames.None, MethodNames.Adapted] };
        ComparisonResult before = Comparison.Run(blank, tasks, options, torch.CPU, new InlineSlices());
        var training = new TrainingOptions { Epochs = 150, BatchSize = 32, LearningRate = 1e-2 };
        ComparisonResult after = Comparison.Run(blank, tasks, options with { Retrain = training }, torch.CPU, new InlineSlices());
        Assert.True(after.Scores[0].MeanSquaredError.Mean < 0.5 * before.Scores[0].MeanSquaredError.Mean);
    }

    [Fact]
    public void Run_TooFewTasks_SaysSo()
    {
        SourceModel model = Fleets.Model();
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => Comparison.Run(model, Fleets.Related(model, 3, 14, seed: 1), Small, torch.CPU, new InlineSlices()));
        Assert.Contains("give more tasks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Cancelled_ThrowsAndFreesEverything()
    {
        SourceModel model = Fleets.Model();
        List<TaskData> tasks = Fleets.Related(model, 16, 14, seed: 1);
        using var stop = new CancellationTokenSource();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Throws<OperationCanceledException>(() => Comparison.Run(model, tasks, Small, torch.CPU, new InlineSlices(stop.Token), progress =>
        {
            if (progress.Step.StartsWith("task 2", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("Points")]
    [InlineData("TrainShare")]
    [InlineData("Splits")]
    public void Validate_OutOfRange_NamesTheOption(string name)
    {
        ComparisonOptions options = name switch
        {
            "Points" => Small with { Points = [5, 5] },
            "TrainShare" => Small with { TrainShare = 1 },
            _ => Small with { Splits = 0 },
        };
        Assert.StartsWith(name, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    private static (int, string, Estimate, Estimate, Estimate) Numbers(ComparisonScore s) =>
        (s.Points, s.Method, s.MeanSquaredError, s.NegativeLogDensity, s.Coverage95);
}
