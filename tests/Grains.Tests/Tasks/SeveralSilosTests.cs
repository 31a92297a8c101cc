using System.Collections.Concurrent;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

/// <summary>A cluster of two silos answers as one silo does.</summary>
public sealed class SeveralSilosTests
{
    private const int Tasks = 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AdaptAsync_TasksOnTwoSilos_PosteriorsAreThoseOfTheMathematics()
    {
        var silosOf = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await using TestCluster cluster = await TestCluster.StartAsync(2, (number, silo) => silo.AddIncomingGrainCallFilter(call =>
        {
            if (call.MethodName == nameof(ITargetTaskGrain.AdaptAsync))
            {
                silosOf[$"{call.TargetId.Key}"] = number;
            }

            return call.Invoke();
        }));
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(cluster.Client("tenant"));
        Rows at = problem.NewInputs();

        for (int i = 0; i < Tasks; i++)
        {
            await source.Task($"t{i}").AdaptAsync(problem.Rows(8, seed: i), Token);
        }

        Assert.Equal(Tasks, silosOf.Count);
        Assert.Equal([0, 1], silosOf.Values.Distinct().Order());
        for (int i = 0; i < Tasks; i++)
        {
            double[] expected = problem.Expected(problem.Rows(8, seed: i), at).Prediction.Mean.Values;
            Prediction prediction = await source.Task($"t{i}").PredictAsync(at, Token);
            Assert.All(expected.Zip(prediction.Mean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-9)); // sums in another order
        }
    }

    [Fact]
    public async Task AdaptAsync_OneSilosStoreFails_ItsErrorArrivesAndTheRestGoesOn()
    {
        int failures = 1;
        await using TestCluster cluster = await TestCluster.StartAsync(2, (_, silo) => silo.AddIncomingGrainCallFilter(call =>
            call.MethodName == nameof(ITargetTaskGrain.AdaptAsync) && Interlocked.Decrement(ref failures) >= 0
                ? throw new StoreException("the store does not answer; try again.", isRetryable: true)
                : call.Invoke()));
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(cluster.Client("tenant"));

        StoreException error = await Assert.ThrowsAsync<StoreException>(() => source.Task("t").AdaptAsync(problem.Rows(8), Token));
        TaskDescription again = await source.Task("t").AdaptAsync(problem.Rows(8), Token);

        Assert.True(error.IsRetryable);
        Assert.Equal((TargetTaskStatus.Ready, 8), (again.Status, again.Observations));
    }

    [Fact]
    public async Task PredictAsync_ASiloJoinedAndAnotherEnded_SameNumbers()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(2);
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(cluster.Client("tenant"));
        Rows at = problem.NewInputs();
        var before = new List<Prediction>();
        for (int i = 0; i < Tasks; i++)
        {
            await source.Task($"t{i}").AdaptAsync(problem.Rows(8, seed: i), Token);
            before.Add(await source.Task($"t{i}").PredictAsync(at, Token));
        }

        await cluster.AddAsync();
        await cluster.StopAsync(1);

        for (int i = 0; i < Tasks; i++)
        {
            Same.Numbers(before[i], await Eventually.SucceedsAsync<Prediction, OrleansException>(() => source.Task($"t{i}").PredictAsync(at, Token)));
        }
    }
}
