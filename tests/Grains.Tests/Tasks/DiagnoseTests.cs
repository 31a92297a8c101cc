using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class DiagnoseTests(SharedSilo shared)
{
    private static readonly InputSchema Schema = InputSchema.Numeric("x0", "x1");
    private static readonly string[] Targets = ["y"];

    [Fact]
    public async Task DiagnoseAsync_RegisteredSource_ScoresOfThePosteriorAndNoLikeness()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskDescription task = await source.Task("t").AdaptAsync(problem.Rows(20));

        TaskDiagnosis found = await source.Task("t").DiagnoseAsync(TestContext.Current.CancellationToken);

        Assert.Equal((1, 20), (found.Version, found.Rows));
        Assert.Equal(task.Posterior!.EffectiveDimension, found.EffectiveDimension, 1e-6);
        Assert.Equal(task.Posterior.LeaveOneOut.MeanSquaredError, found.MeanSquaredError, 1e-6 * found.MeanSquaredError);
        Assert.Null(found.FisherSimilarity);
        Assert.NotNull(found.LinearisationError);
    }

    [Fact]
    public async Task DiagnoseAsync_TrainedSource_ComparedWithItsRows()
    {
        AdaptClient client = shared.NewTenant();
        LabelledRows rows = new Problem().Rows(300);
        SourceHandle source = client.Source("s");
        await source.TrainAsync(rows, Schema, Targets, new TrainingOptions { Hidden = [5], Epochs = 3, BatchSize = 16 });
        await source.SetPriorAsync(Problem.Prior);
        await source.Task("same").AdaptAsync(new Problem().Rows(60, seed: 2));

        TaskDiagnosis found = await source.Task("same").DiagnoseAsync(TestContext.Current.CancellationToken);

        // Rows of the same distribution as those that it was trained on.
        Assert.InRange(found.FisherSimilarity!.Value, 0.9, 1);
        Assert.InRange(found.ExplainedBySource!.Value, 0.5, 1);
    }

    [Fact]
    public async Task DiagnoseAsync_ManyTasks_ThoseWithAPosterior()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        await source.Task("a").AdaptAsync(problem.Rows(5));
        await source.Task("b").ObserveAsync(problem.Rows(5));
        await source.Task("c").AdaptAsync(problem.Rows(6));

        var found = new List<string>();
        await foreach ((string task, _) in source.DiagnoseAsync(10, TestContext.Current.CancellationToken))
        {
            found.Add(task);
        }

        Assert.Equal(["a", "c"], found);
    }

    [Fact]
    public async Task DiagnoseAsync_NotAdapted_SaysToAdapt()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        await source.Task("t").ObserveAsync(problem.Rows(3));

        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").DiagnoseAsync(TestContext.Current.CancellationToken));

        Assert.Equal("no posterior of task named 't'; adapt the task first.", error.Message);
    }

    [Fact]
    public async Task WeighAsync_RowsOfATaskThatIsNotThere_EvidenceInTheTargetsUnitsAndNothingKept()
    {
        var problem = new Problem(outputs: 2);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        LabelledRows rows = problem.Rows(9);

        RowsEvidence evidence = await source.Task("t").WeighAsync(rows, TestContext.Current.CancellationToken);

        Numerics.Adaptation.AdaptationReport expected = problem.Expected(rows, problem.NewInputs()).Report;
        double units = 9 * problem.Registration.OutputScale.Sum(Math.Log);
        Assert.Equal(expected.LogEvidence - units, evidence.LogEvidence, 1e-8 * Math.Abs(expected.LogEvidence));
        Assert.Equal(expected.Adapted.MeanNegativeLogDensity, evidence.LeaveOneOut.MeanNegativeLogDensity, 1e-9);
        Assert.Empty(await source.ListTaskNamesAsync(TestContext.Current.CancellationToken));
    }
}
