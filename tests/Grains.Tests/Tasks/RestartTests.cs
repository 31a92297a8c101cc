using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

/// <summary>What was acknowledged is there after the silo was stopped and started on the same directory.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Restart_APriorWithDirections_PredictsTheSameBits()
    {
        var problem = new Problem();
        Prediction before;
        PriorDescription fitted;
        await using (TestSilo silo = await TestSilo.StartAsync(_folder.Path))
        {
            SourceHandle source = await problem.RegisterAsync(silo.Client("a"));
            TaskRows[] fleet = [.. Enumerable.Range(0, 8).Select(i => new TaskRows($"t{i}", problem.Rows(10, seed: 100 + i)))];
            fitted = await source.FitPriorAsync(fleet, new PriorFitOptions { Rank = 2, MaxIterations = 5 });
            await source.Task("t").AdaptAsync(problem.Rows(5));
            before = await source.Task("t").PredictAsync(problem.NewInputs());
        }

        await using TestSilo again = await TestSilo.StartAsync(_folder.Path);
        SourceHandle found = again.Client("a").Source("source");
        PriorDescription described = (await found.DescribeAsync()).Prior!;
        Assert.Equal((2, fitted.MovesHash, 2), (described.Version, described.MovesHash, described.Rank));
        Same.Numbers(before, await found.Task("t").PredictAsync(problem.NewInputs()));
    }

    [Fact]
    public async Task Restart_EverythingAcknowledged_IsThereWithTheSameBits()
    {
        var problem = new Problem(outputs: 2);
        var wide = new Problem(inputs: 6, hidden: 3);
        Rows at = problem.NewInputs(), atWide = wide.NewInputs();
        SourceDescription described;
        TaskDescription adapted;
        Prediction small, large, stale;
        await using (TestSilo silo = await TestSilo.StartAsync(_folder.Path))
        {
            SourceHandle source = await problem.RegisterAsync(silo.Client("a"));
            SourceHandle wideSource = await wide.RegisterAsync(silo.Client("a"), "wide");
            described = await source.DescribeAsync();
            adapted = await source.Task("small").AdaptAsync(problem.Rows(5));
            small = await source.Task("small").PredictJointAsync(at, samples: 2, seed: 3);
            await wideSource.Task("large").AdaptAsync(wide.Rows(1_500));
            large = await wideSource.Task("large").PredictAsync(atWide);
            await source.Task("stale").AdaptAsync(problem.Rows(6, seed: 4));
            await source.Task("stale").ObserveAsync(problem.Rows(3, seed: 5));
            stale = await source.Task("stale").PredictAsync(at);
            await source.Task("observed").ObserveAsync(problem.Rows(4), "visit");
            await source.Task("deleted").AdaptAsync(problem.Rows(4));
            await source.Task("deleted").DeleteAsync();
        }

        await using TestSilo again = await TestSilo.StartAsync(_folder.Path);
        SourceHandle found = again.Client("a").Source("source");
        SourceDescription redescribed = await found.DescribeAsync();
        Assert.Equal(described.ToString(), redescribed.ToString());
        Assert.Equal(described.Prior!.BlockScales, redescribed.Prior!.BlockScales);
        Assert.Equal(["source", "wide"], (await again.Client("a").ListSourcesAsync()).Select(source => source.Name));
        Assert.Equal(["observed", "small", "stale"], await found.ListTaskNamesAsync());
        Assert.Equal(adapted, await found.Task("small").DescribeAsync());

        Prediction smallAgain = await found.Task("small").PredictJointAsync(at, samples: 2, seed: 3);
        Same.Numbers(small, smallAgain);
        Same.Bits(small.JointCovariance!.Values, smallAgain.JointCovariance!.Values);
        Assert.All(small.Samples.Zip(smallAgain.Samples), pair => Same.Bits(pair.First.Values, pair.Second.Values));
        Same.Numbers(large, await again.Client("a").Source("wide").Task("large").PredictAsync(atWide));
        Prediction staleAgain = await found.Task("stale").PredictAsync(at);
        Same.Numbers(stale, staleAgain);
        Assert.Equal(1, staleAgain.Version);

        // A retry that crosses the restart is still a retry.
        Assert.Equal(4, await found.Task("observed").ObserveAsync(problem.Rows(4), "visit"));
        Assert.Equal(adapted, await found.Task("small").AdaptAsync(problem.Rows(5)));
        TaskDescription next = await found.Task("stale").AdaptAsync();
        Assert.Equal((2, 9), (next.Posterior!.Version, next.Posterior.Observations));
    }
}
