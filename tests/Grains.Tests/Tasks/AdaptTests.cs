using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Adaptation;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class AdaptTests(SharedSilo shared)
{
    [Theory]
    [InlineData(5, 1)]
    [InlineData(12, 2)]
    [InlineData(300, 1)]
    public async Task AdaptAsync_Rows_PosteriorIsThatOfTheMathematics(int rows, int outputs)
    {
        var problem = new Problem(outputs: outputs);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        LabelledRows observed = problem.Rows(rows);
        Rows at = problem.NewInputs();

        TaskDescription task = await source.Task("t").AdaptAsync(observed);
        Prediction prediction = await source.Task("t").PredictAsync(at);

        (AdaptationReport report, Numerics.Posteriors.Prediction expected, _) = problem.Expected(observed, at);
        Assert.Equal(TargetTaskStatus.Ready, task.Status);
        Assert.Equal(rows, task.Observations);
        Assert.Equal(report.LogEvidence, task.Posterior!.LogEvidence, 1e-9);
        Assert.Equal(report.EffectiveDimension, task.Posterior.EffectiveDimension, 1e-9);
        Assert.Equal(report.Space.ToString().ToLowerInvariant(), task.Posterior.Space);
        Assert.Equal(report.Adapted.MeanSquaredError, task.Posterior.LeaveOneOut.MeanSquaredError, 1e-9);
        Assert.Equal(report.SourceOnly.MeanNegativeLogDensity, task.Posterior.SourceOnly.MeanNegativeLogDensity, 1e-9);
        AssertClose(expected.Mean.Values, prediction.Mean.Values);
        AssertClose(expected.LatentVariance.Values, prediction.LatentVariance.Values);
        AssertClose(expected.NoiseVariance.Row(0).ToArray(), prediction.NoiseVariance);
        AssertClose(expected.SourceMean.Values, prediction.SourceMean.Values);
        Assert.Equal((1, 1, true), (prediction.Version, prediction.PriorVersion, prediction.Exact));
    }

    [Fact]
    public async Task AdaptAsync_RowsInSeveralCalls_SamePosteriorAsInOne()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        LabelledRows rows = problem.Rows(20);
        Rows at = problem.NewInputs();

        await source.Task("once").AdaptAsync(rows);
        await source.Task("parts").ObserveAsync(rows.Slice(0, 7));
        await source.Task("parts").ObserveAsync(rows.Slice(7, 1));
        await source.Task("parts").AdaptAsync(rows.Slice(8, 12));

        Same.Numbers(await source.Task("once").PredictAsync(at), await source.Task("parts").PredictAsync(at));
    }

    [Fact]
    public async Task AdaptAsync_NothingNew_KeepsTheVersion()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");

        TaskDescription first = await task.AdaptAsync(problem.Rows(5));
        TaskDescription again = await task.AdaptAsync();
        TaskDescription repeated = await task.AdaptAsync(problem.Rows(5));

        Assert.Equal(1, first.Posterior!.Version);
        Assert.Equal(first.Posterior, again.Posterior);
        Assert.Equal(first.Posterior, repeated.Posterior);
        Assert.Equal(5, repeated.Observations);
    }

    [Fact]
    public async Task AdaptAsync_NewRowsThenNewPrior_CountsOneVersionEach()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(problem.Rows(5));

        TaskDescription moreRows = await task.AdaptAsync(problem.Rows(4, seed: 2));
        await source.SetPriorAsync(new PriorSetting(2, Problem.NoiseVariance, MeanIsSource: true));
        TaskDescription newPrior = await task.AdaptAsync();

        Assert.Equal((2, 1, 9), (moreRows.Posterior!.Version, moreRows.Posterior.PriorVersion, moreRows.Posterior.Observations));
        Assert.Equal((3, 2, 9), (newPrior.Posterior!.Version, newPrior.Posterior.PriorVersion, newPrior.Posterior.Observations));
    }

    [Fact]
    public async Task PredictAsync_RowsOnlyObservedAndPriorChanged_ComesFromTheLastGoodVersion()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        Rows at = problem.NewInputs();
        await task.AdaptAsync(problem.Rows(5));
        Prediction before = await task.PredictAsync(at);

        await task.ObserveAsync(problem.Rows(6, seed: 2));
        await source.SetPriorAsync(new PriorSetting(2, Problem.NoiseVariance, MeanIsSource: true));
        Prediction after = await task.PredictAsync(at);
        TaskDescription stale = await task.DescribeAsync();
        await task.AdaptAsync();
        Prediction adapted = await task.PredictAsync(at);

        Same.Numbers(before, after);
        Assert.Equal((1, 1), (after.Version, after.PriorVersion));
        Assert.Equal((TargetTaskStatus.Stale, 11, 5), (stale.Status, stale.Observations, stale.Posterior!.Observations));
        Assert.Equal((2, 2), (adapted.Version, adapted.PriorVersion));
        LabelledRows all = Together(problem.Rows(5), problem.Rows(6, seed: 2));
        AssertClose(problem.Expected(all, at, scale: 2).Prediction.Mean.Values, adapted.Mean.Values);
    }

    [Fact]
    public async Task AdaptAsync_OneRow_RefusedAndNothingKept()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => source.Task("t").AdaptAsync(problem.Rows(1)));

        Assert.Equal("task 't': it holds 1 row; observe at least 2.", error.Message);
        await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").DescribeAsync());
        Assert.Empty(await source.ListTaskNamesAsync());
    }

    [Fact]
    public async Task AdaptAsync_MoreRowsThanTheMemoryTakes_RefusedAndNothingKept()
    {
        // 8,194 parameters and as many rows: neither space is small enough for the memory.
        var problem = new Problem(inputs: 1, hidden: 2_731);
        using var folder = new TemporaryFolder();
        await using TestSilo silo = await TestSilo.StartAsync(folder.Path, new DeviceOptions { Threads = 1, SolveMemoryBytes = 2L << 20 });
        SourceHandle source = await problem.RegisterAsync(silo.Client("a"));

        TooLargeException error = await Assert.ThrowsAsync<TooLargeException>(() => source.Task("t").AdaptAsync(problem.Rows(8_193)));

        Assert.StartsWith("task 't': no way to solve this task fits the memory: the smallest, ", error.Message);
        await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").DescribeAsync());
        string kept = Path.Combine(folder.Path, "tensors", TensorScope.Observations(source.Task("t").Key).Path);
        Assert.False(Directory.Exists(kept), "the refused rows were left in the tensor store");
    }

    [Fact]
    public async Task AdaptAsync_SourceWithoutPrior_SaysHowToGetOne()
    {
        var problem = new Problem();
        SourceHandle source = shared.NewTenant().Source("fresh");
        await source.RegisterAsync(problem.Registration);

        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").AdaptAsync(problem.Rows(5)));

        Assert.Equal("prior of source", error.Kind);
        Assert.Equal(
            "no prior of source named 'fresh'; learn one with 'adapt prior fit fresh' or set it with 'adapt prior set fresh'.", error.Message);
        Assert.Empty(await source.ListTaskNamesAsync());
    }

    [Fact]
    public async Task AdaptAsync_UnknownSource_NotFound()
    {
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(
            () => shared.NewTenant().Source("nowhere").Task("t").AdaptAsync(new Problem().Rows(5)));

        Assert.Equal(("source", "nowhere"), (error.Kind, error.Name));
    }

    [Fact]
    public async Task AdaptAsync_PosteriorCannotBeComputed_KeepsTheOldOneAndSaysWhy()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        Rows at = problem.NewInputs();
        await task.AdaptAsync(problem.Rows(5));
        Prediction before = await task.PredictAsync(at);

        // Finite, but their squares are not: no factorisation survives it.
        await source.SetPriorAsync(new PriorSetting(double.MaxValue, double.Epsilon, MeanIsSource: true));
        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(() => task.AdaptAsync());

        TaskDescription failed = await task.DescribeAsync();
        Assert.Equal(TargetTaskStatus.Failed, failed.Status);
        Assert.Equal(error.Message, failed.Failure);
        Assert.Equal(1, failed.Posterior!.Version);
        Same.Numbers(before, await task.PredictAsync(at));
        await source.SetPriorAsync(Problem.Prior);
        TaskDescription mended = await task.AdaptAsync();
        Assert.Equal((TargetTaskStatus.Ready, 2), (mended.Status, mended.Posterior!.Version));
        Assert.Null(mended.Failure);
    }

    [Fact]
    public async Task AdaptAsync_ManyCallsAtOnce_OneVersion()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.ObserveAsync(problem.Rows(30));

        TaskDescription[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => task.AdaptAsync()));

        Assert.All(answers, answer => Assert.Equal(1, answer.Posterior!.Version));
    }

    private static LabelledRows Together(LabelledRows first, LabelledRows second) => new(
        new Rows(first.Count + second.Count, first.Inputs.Width, [.. first.Inputs.Values, .. second.Inputs.Values]),
        new Rows(first.Count + second.Count, first.Targets.Width, [.. first.Targets.Values, .. second.Targets.Values]));

    private static void AssertClose(double[] expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-12 * Math.Max(1, Math.Abs(pair.First))));
    }
}
