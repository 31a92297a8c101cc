using AdaptCluster.Client;
using AdaptCluster.Client.Comparisons;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Comparisons;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Comparisons;

[Collection(nameof(SharedSilo))]
public sealed class ComparisonTests(SharedSilo shared)
{
    private readonly Problem _problem = new();

    [Fact]
    public async Task CompareAsync_ASource_ScoresEveryMethodAtEveryNumberOfRows()
    {
        AdaptClient client = shared.NewTenant();
        await _problem.RegisterAsync(client);
        var updates = new Updates<ComparisonUpdate>();

        ComparisonReport report = await client.CompareAsync(
            Fleet(20, 14), new ComparisonOptions { Source = "source", Points = [3, 6], Splits = 2 }, updates, TestContext.Current.CancellationToken);

        string[] methods = ["none", "mean-shift", "last-layer", "fine-tune", "rbf", "ablr", "ntk", "adapted", "chosen", "combined"];
        Assert.Equal([.. methods, .. methods], report.Scores.Select(score => score.Method));
        Assert.All(report.Scores, score => Assert.Equal((10, 0), (score.Tasks, score.Failures)));
        Assert.All(report.Scores, score => Assert.True(score.Mse.Mean > 0 && double.IsFinite(score.Nlpd.Mean)));
        Assert.Equal(new ScoreEstimate(0, 0), report.Scores.First(score => score.Method == "adapted").NlpdOverAdapted);
        Assert.Equal(1, report.Scores.First(score => score.Method == "chosen").Choices.Sum(choice => choice.Share), 1e-12);
        Assert.Same(report, updates.All[^1].Result);
        Assert.Equal(updates.All.Select(update => update.Share).Order(), updates.All.Select(update => update.Share));
    }

    [Fact]
    public async Task CompareAsync_SameSeed_GivesTheSameErrors()
    {
        AdaptClient client = shared.NewTenant();
        await _problem.RegisterAsync(client);
        var options = new ComparisonOptions { Source = "source", Points = [4], Methods = ["none", "adapted"], Seed = 3 };

        ComparisonReport first = await client.CompareAsync(Fleet(12, 10), options);
        ComparisonReport second = await client.CompareAsync(Fleet(12, 10), options);

        Assert.Equal(first.Scores.Select(score => (score.Mse, score.Nlpd)), second.Scores.Select(score => (score.Mse, score.Nlpd)));
    }

    [Fact]
    public async Task CompareAsync_ANetworkToTrain_NeedsNoSource()
    {
        ComparisonReport report = await shared.NewTenant().CompareAsync(Fleet(20, 14), new ComparisonOptions
        {
            Training = new TrainingOptions { Hidden = [5], Epochs = 3 },
            Schema = InputSchema.Numeric(["x0", "x1"]),
            Targets = ["y0"],
            Points = [3],
            Methods = ["none", "adapted"],
        });

        Assert.Equal(["none", "adapted"], report.Scores.Select(score => score.Method));
    }

    [Theory]
    [InlineData("magic", 0.5, 3, "methods: 'magic' is not known; use some of")]
    [InlineData("none", 1.5, 3, "comparison: TrainShare must be between 0 and 1; nothing was compared.")]
    [InlineData("none", 0.5, 100, "comparison: Of 20 tasks only 0 that are not learned from have 100 rows to see and 5 to score")]
    public async Task CompareAsync_BadOption_RefusedByName(string method, double share, int points, string message)
    {
        AdaptClient client = shared.NewTenant();
        await _problem.RegisterAsync(client);

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => client.CompareAsync(Fleet(20, 14), new ComparisonOptions { Source = "source", Methods = [method], TrainShare = share, Points = [points] }));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareAsync_UnknownSourceOrNoSubject_SaysSo()
    {
        await Assert.ThrowsAsync<NotFoundException>(() => shared.NewTenant().CompareAsync(Fleet(4, 9), new ComparisonOptions { Source = "nobody" }));
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => shared.NewTenant().CompareAsync(Fleet(4, 9), new ComparisonOptions()));
        Assert.Contains("no source and no network", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareAsync_Cancelled_EndsAndTheSiloServesOn()
    {
        AdaptClient client = shared.NewTenant();
        SourceHandle source = await _problem.RegisterAsync(client);
        using var stop = new CancellationTokenSource();
        var updates = new Updates<ComparisonUpdate>(_ => stop.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.CompareAsync(Fleet(60, 30), new ComparisonOptions { Source = "source", Points = [5, 10], Splits = 50 }, updates, stop.Token));

        await source.Task("t").AdaptAsync(_problem.Rows(5));
        Assert.Equal(7, (await source.Task("t").PredictAsync(_problem.NewInputs())).Mean.Count);
    }

    [Fact]
    public void Key_AnyTenant_ParseGivesItBack()
    {
        var key = new ComparisonKey("a/b %", Guid.NewGuid());
        Assert.Equal(key, ComparisonKey.Parse(key.ToString()));
        Assert.Throws<ArgumentException>(() => ComparisonKey.Parse("tenant"));
    }

    private TaskRows[] Fleet(int tasks, int rows) =>
        [.. Enumerable.Range(0, tasks).Select(seed => new TaskRows($"t{seed}", _problem.Rows(rows, seed)))];
}
