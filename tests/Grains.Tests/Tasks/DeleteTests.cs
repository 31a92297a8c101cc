using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class DeleteTests(SharedSilo shared)
{
    [Fact]
    public async Task DeleteAsync_AdaptedTask_NothingIsLeft()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(problem.Rows(5));

        await task.DeleteAsync();

        Assert.Equal("task", (await Assert.ThrowsAsync<NotFoundException>(() => task.DescribeAsync())).Kind);
        await Assert.ThrowsAsync<NotFoundException>(() => task.PredictAsync(problem.NewInputs()));
        await Assert.ThrowsAsync<NotFoundException>(() => task.DeleteAsync());
        Assert.Empty(await source.ListTaskNamesAsync());
    }

    [Fact]
    public async Task DeleteAsync_ThenCreatedAgain_StartsAtVersionOneWithItsOwnNumbers()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        Rows at = problem.NewInputs();
        await task.AdaptAsync(problem.Rows(5));
        Prediction old = await task.PredictAsync(at);
        await task.DeleteAsync();

        TaskDescription created = await task.AdaptAsync(problem.Rows(5, seed: 2));
        Prediction prediction = await task.PredictAsync(at);

        Assert.Equal((1, 5), (created.Posterior!.Version, created.Observations));
        Assert.NotEqual(old.Mean.Values, prediction.Mean.Values);
        Assert.All(
            problem.Expected(problem.Rows(5, seed: 2), at).Prediction.Mean.Values.Zip(prediction.Mean.Values),
            pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal(["t"], await source.ListTaskNamesAsync());
    }
}
