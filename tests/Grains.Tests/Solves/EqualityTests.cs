using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Adaptation;

namespace AdaptCluster.Grains.Tests.Solves;

/// <summary>A solve by shards gives the dense posterior, through a real silo and a real client, with vectors cut into many messages.</summary>
[Collection(nameof(SolveSilo))]
public sealed class EqualityTests(SolveSilo shared)
{
    private const int RowCount = 160;

    public static TheoryData<SolveSpace, int, bool> Layouts => new(
        from space in Enum.GetValues<SolveSpace>()
        from shards in new[] { 1, 2, 3, 7 }
        from keeps in new[] { true, false }
        select (space, shards, keeps));

    private readonly Problem _problem = new(inputs: 3, outputs: 2, hidden: 8);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task AdaptAsync_ByShards_PosteriorIsTheDenseOne(SolveSpace space, int shards, bool keeps)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        LabelledRows rows = _problem.Rows(RowCount);
        Rows at = _problem.NewInputs(20);

        TaskDescription task = await source.Task("t").AdaptAsync(rows, new AdaptOptions { Space = space, Shards = shards, KeepsFactors = keeps }, Token);
        Prediction prediction = await source.Task("t").PredictAsync(at, Token);

        Assert.Equal((TargetTaskStatus.Ready, RowCount), (task.Status, task.Posterior!.Observations));
        Assert.Equal((space, shards, keeps), (task.Posterior.Solve!.Plan.Space, task.Posterior.Solve.Plan.RowsPerShard.Length, task.Posterior.Solve.Plan.KeepsFactors));
        Assert.Equal((1, 1, false), (prediction.Version, prediction.PriorVersion, prediction.Exact));
        (AdaptationReport report, Numerics.Posteriors.Prediction expected, _) = _problem.Expected(rows, at);
        double[] deviations = _problem.PriorDeviations(at);
        for (int i = 0; i < deviations.Length; i++)
        {
            // What the design promises: the mean to 1e-5 prior standard deviations, the variance never below the exact one and, of
            // an observation, within 2%.
            Assert.Equal(expected.Mean.Values[i], prediction.Mean.Values[i], 1e-5 * deviations[i]);
            double exact = expected.LatentVariance.Values[i];
            double noise = prediction.NoiseVariance[i % _problem.Outputs];
            Assert.InRange(prediction.LatentVariance.Values[i], exact * (1 - 1e-9), exact + (0.02 * (exact + noise)));
        }

        Assert.Equal(report.LogEvidence, task.Posterior.LogEvidence, 0.01 * Math.Abs(report.LogEvidence));
        Assert.Equal(report.SourceOnly.MeanSquaredError, task.Posterior.SourceOnly.MeanSquaredError, 1e-9);
        Assert.Equal(report.Adapted.MeanSquaredError, task.Posterior.LeaveOneOut.MeanSquaredError, 0.02 * report.Adapted.MeanSquaredError);
        Assert.True(await shared.IsEmptyAsync(), "a solve that has ended left something behind");
    }

    [Theory]
    [InlineData(SolveSpace.KernelRows)]
    [InlineData(SolveSpace.ParameterSpace)]
    public async Task AdaptAsync_SameLayoutTwice_SameBits(SolveSpace space)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        var options = new AdaptOptions { Space = space, Shards = 3, Preconditioner = SolvePreconditioning.None };
        Rows at = _problem.NewInputs();

        TaskDescription first = await source.Task("a").AdaptAsync(_problem.Rows(RowCount), options, Token);
        TaskDescription second = await source.Task("b").AdaptAsync(_problem.Rows(RowCount), options, Token);

        Assert.True(first.Posterior!.Solve!.Iterations > 5, "too few iterations to differ in");
        Same.Bits([first.Posterior.LogEvidence], [second.Posterior!.LogEvidence]);
        Same.Numbers(await source.Task("a").PredictAsync(at, Token), await source.Task("b").PredictAsync(at, Token));
    }

    [Theory]
    [InlineData(SolveSpace.KernelRows)]
    [InlineData(SolveSpace.ParameterSpace)]
    public async Task AdaptAsync_WithoutFaults_BytesAndMessagesAreThoseOfThePlan(SolveSpace space)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());

        TaskDescription task = await source.Task("t").AdaptAsync(
            _problem.Rows(RowCount), new AdaptOptions { Space = space, Shards = 2, Preconditioner = SolvePreconditioning.None }, Token);

        SolveSummary solve = task.Posterior!.Solve!;
        Assert.Equal((double)solve.Plan.BytesPerIteration, solve.BytesPerIteration);
        Assert.Equal((double)solve.Plan.MessagesPerIteration, solve.MessagesPerIteration);
        Assert.True(solve.MessagesPerIteration > 4, "the vectors were not cut");
    }

    [Fact]
    public async Task PredictAsync_AfterTheCacheIsGone_SameBitsFromTheFile()
    {
        using var folder = new TemporaryFolder();
        Rows at = _problem.NewInputs();
        Prediction before;
        await using (TestSilo silo = await TestSilo.StartAsync(folder.Path, solves: SolveSilo.Options))
        {
            SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));
            await source.Task("t").AdaptAsync(_problem.Rows(RowCount), new AdaptOptions { Space = SolveSpace.KernelRows, Shards = 2 }, Token);
            before = await source.Task("t").PredictJointAsync(at, samples: 2, seed: 3, cancellationToken: Token);
        }

        await using TestSilo again = await TestSilo.StartAsync(folder.Path, solves: SolveSilo.Options);
        Prediction after = await again.Client("a").Source("source").Task("t").PredictJointAsync(at, samples: 2, seed: 3, cancellationToken: Token);

        Same.Numbers(before, after);
        Assert.All(before.Samples.Zip(after.Samples), pair => Same.Bits(pair.First.Values, pair.Second.Values));
    }
}
