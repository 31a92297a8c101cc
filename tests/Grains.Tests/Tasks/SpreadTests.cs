using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Tests.Tasks;

/// <summary>Tasks with a noise and a scale of their own.</summary>
public sealed class SpreadTests : IDisposable
{
    // Sums in another order, of a batch of forty tasks and of one, and a condition number of 1e4.
    private const double Close = 1e-9;

    private readonly TemporaryFolder _folder = new();
    private readonly Problem _problem = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Restart_APriorWithSpread_EveryTaskKeepsItsOwnNoiseAndPredictsTheSameBits()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        PriorDescription fitted;
        TaskDescription direct, iterative;
        Prediction before, beforeIterative;
        await using (TestSilo silo = await TestSilo.StartAsync(_folder.Path))
        {
            SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));
            fitted = await source.FitPriorAsync(Fleet(), new PriorFitOptions(), cancellationToken: token);
            Assert.InRange(fitted.NoiseSpread, 0.5, 3);
            Assert.InRange(fitted.SpreadTrust, 0.01, 1);
            Assert.True(fitted.Fit!.SpreadGainPerRow > 0);
            direct = await source.Task("direct").AdaptAsync(Noisy(60, seed: 7, factor: 4));
            iterative = await source.Task("iterative").AdaptAsync(
                Noisy(700, seed: 8, factor: 4), new AdaptOptions { Space = SolveSpace.ParameterSpace, Shards = 2 }, token);
            before = await source.Task("direct").PredictAsync(_problem.NewInputs());
            beforeIterative = await source.Task("iterative").PredictAsync(_problem.NewInputs());
        }

        Assert.True(direct.Posterior!.NoiseFactor > 1.5, $"{direct.Posterior.NoiseFactor}");
        Assert.True(iterative.Posterior!.NoiseFactor > 1.5, $"{iterative.Posterior.NoiseFactor}");
        Assert.NotNull(iterative.Posterior.Solve);
        Assert.All(before.NoiseVariance.Zip(beforeIterative.NoiseVariance), pair => Assert.InRange(pair.First / pair.Second, 0.5, 2));

        await using TestSilo again = await TestSilo.StartAsync(_folder.Path);
        SourceHandle found = again.Client("a").Source("source");
        PriorDescription described = (await found.DescribeAsync(token)).Prior!;
        Assert.Equal((fitted.NoiseSpread, fitted.ScaleSpread, fitted.SpreadTrust), (described.NoiseSpread, described.ScaleSpread, described.SpreadTrust));
        Assert.Equal(direct.Posterior.NoiseFactor, (await found.Task("direct").DescribeAsync(token)).Posterior!.NoiseFactor);
        Same.Numbers(before, await found.Task("direct").PredictAsync(_problem.NewInputs()));
        Same.Numbers(beforeIterative, await found.Task("iterative").PredictAsync(_problem.NewInputs()));
    }

    [Fact]
    public async Task AdaptManyAsync_APriorWithSpread_EachTaskStandsWhereItStandsAlone()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        var together = new Dictionary<string, TaskDescription>();
        TaskRows[] fleet = Fleet();
        Prediction[] before;
        await using (TestSilo silo = await TestSilo.StartAsync(_folder.Path))
        {
            SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));
            await source.FitPriorAsync(fleet, new PriorFitOptions(), cancellationToken: token);
            await foreach (TaskOutcome outcome in source.AdaptManyAsync(fleet, cancellationToken: token))
            {
                together.Add(outcome.Task, outcome.Description!);
            }

            foreach (TaskRows task in fleet)
            {
                PosteriorDescription alone = (await source.Task($"alone {task.Task}").AdaptAsync(task.Rows, token)).Posterior!;
                PosteriorDescription inBulk = together[task.Task].Posterior!;
                Assert.Equal(alone.NoiseFactor!.Value, inBulk.NoiseFactor!.Value, Close * alone.NoiseFactor.Value);
                Assert.Equal(alone.ScaleFactor!.Value, inBulk.ScaleFactor!.Value, Close * alone.ScaleFactor.Value);
                Assert.Equal(alone.LogEvidence, inBulk.LogEvidence, Close * Math.Max(1, Math.Abs(alone.LogEvidence)));
            }

            Assert.True(together.Values.Max(task => task.Posterior!.NoiseFactor) > 3 * together.Values.Min(task => task.Posterior!.NoiseFactor));
            before = await PredictAllAsync(source, token);
        }

        // What is cold is made again with the factors of the record, not with others that are found.
        await using TestSilo again = await TestSilo.StartAsync(_folder.Path);
        Prediction[] after = await PredictAllAsync(again.Client("a").Source("source"), token);
        foreach ((Prediction expected, Prediction actual) in before.Zip(after))
        {
            Assert.Equal(expected.NoiseVariance, actual.NoiseVariance);
            Assert.All(expected.Mean.Values.Zip(actual.Mean.Values), pair => Assert.Equal(pair.First, pair.Second, Close * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    [Fact]
    public async Task FitPriorAsync_WithoutSpread_TasksStayWithTheFleet()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Path);
        SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));
        PriorDescription fitted = await source.FitPriorAsync(
            Fleet(), new PriorFitOptions { LearnsSpread = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((0, 0, 0), (fitted.NoiseSpread, fitted.ScaleSpread, fitted.SpreadTrust));
        TaskDescription task = await source.Task("t").AdaptAsync(Noisy(60, seed: 7, factor: 4));
        Assert.Null(task.Posterior!.NoiseFactor);
        Assert.Null(task.Posterior.ScaleFactor);
    }

    [Fact]
    public void ToPrior_RecordOfAnEarlierVersion_HasNoSpread()
    {
        // What a store of an earlier version does not hold is read as zero.
        var old = new PriorDescription
        {
            Version = 1,
            BlockScales = [1],
            BlockNames = ["w"],
            NoiseVariance = [0.1],
            MeanIsSource = true,
            SourceNoiseVariance = 1,
            NoiseSpread = 0,
            ScaleSpread = 0,
            SpreadTrust = 0,
        };
        Assert.Equal(TaskSpread.None, PriorMapping.ToPrior(old).Spread);
        Assert.Equal(old.BlockScales, PriorMapping.At(old, TaskFactors.Fleet).BlockScales);
    }

    private async Task<Prediction[]> PredictAllAsync(SourceHandle source, CancellationToken token)
    {
        var found = new Dictionary<string, Prediction>();
        TaskInputs[] asked = [.. Fleet().Select(task => new TaskInputs(task.Task, _problem.NewInputs()))];
        await foreach (PredictionOutcome outcome in source.PredictManyAsync(asked, cancellationToken: token))
        {
            found.Add(outcome.Task, outcome.Prediction!);
        }

        return [.. asked.Select(task => found[task.Task])];
    }

    // Log-normal factors of the targets' deviation: the network explains nothing of them, so they are noise.
    private TaskRows[] Fleet() =>
        [.. Enumerable.Range(0, 40).Select(i => new TaskRows($"t{i}", Noisy(20, seed: 100 + i, factor: Math.Exp(0.8 * Math.Sin(2.1 * i)))))];

    private LabelledRows Noisy(int rows, int seed, double factor)
    {
        LabelledRows plain = _problem.Rows(rows, seed);
        return new LabelledRows(plain.Inputs, new Rows(rows, plain.Targets.Width, Array.ConvertAll(plain.Targets.Values, v => factor * v)));
    }
}
