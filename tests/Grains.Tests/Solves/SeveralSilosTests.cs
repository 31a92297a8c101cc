using System.Collections.Concurrent;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Solves;

/// <summary>Shards on several silos give what shards on one do, also when a silo ends in the middle.</summary>
public sealed class SeveralSilosTests
{
    private readonly Problem _problem = new(inputs: 3, outputs: 2, hidden: 8);

    private static DeviceOptions Device => new() { Threads = 1, SolveMemoryBytes = 2L << 30 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SolveSpace.KernelRows, 2)]
    [InlineData(SolveSpace.ParameterSpace, 3)]
    public async Task AdaptAsync_ShardsOnSeveralSilos_SpreadAndThePosteriorIsTheDenseOne(SolveSpace space, int silos)
    {
        var silosOf = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await using TestCluster cluster = await TestCluster.StartAsync(
            silos,
            (number, silo) => silo.AddIncomingGrainCallFilter(call =>
            {
                if (call.InterfaceMethod.DeclaringType == typeof(IJacobianShardGrain))
                {
                    silosOf[$"{call.TargetId.Key}"] = number;
                }

                return call.Invoke();
            }),
            Device,
            SolveSilo.Options);
        SourceHandle source = await _problem.RegisterAsync(cluster.Client("a"));
        LabelledRows rows = _problem.Rows(160);
        Rows at = _problem.NewInputs();

        TaskDescription task = await source.Task("t").AdaptAsync(rows, new AdaptOptions { Space = space, Shards = silos }, Token);
        Prediction prediction = await source.Task("t").PredictAsync(at, Token);

        Assert.Equal(silos, silosOf.Values.Distinct().Count());
        Assert.Equal((TargetTaskStatus.Ready, 0), (task.Status, task.Posterior!.Solve!.Reloads));
        double[] expected = _problem.Expected(rows, at).Prediction.Mean.Values;
        double[] deviations = _problem.PriorDeviations(at);
        Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], prediction.Mean.Values[i], 1e-5 * deviations[i]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AdaptAsync_ASiloEndsInTheMiddle_PosteriorIsTheDenseOne(int ending)
    {
        ShardFaults faults = null!;
        faults = new ShardFaults(1, 4) { Fault = async (call, _) => await call.Invoke() };
        var between = false;
        await using TestCluster cluster = await TestCluster.StartAsync(
            3,
            (_, silo) => silo.AddIncomingGrainCallFilter(call =>
                between && call.InterfaceMethod.DeclaringType == typeof(IJacobianShardGrain) ? faults.Between(call) : call.Invoke()),
            Device,
            SolveSilo.Options);
        SourceHandle source = await _problem.RegisterAsync(cluster.Client("a"));
        AdaptOptions options = FaultTests.Options(SolveSpace.KernelRows);
        LabelledRows rows = _problem.Rows(160);
        Rows at = _problem.NewInputs();
        between = true;

        Task<TaskDescription> adapting = source.Task("t").AdaptAsync(rows, options, Token);
        await faults.Reached.Task.WaitAsync(Token);
        await cluster.StopAsync(ending);
        TaskDescription task = await adapting;

        Assert.Equal((TargetTaskStatus.Ready, 1), (task.Status, task.Posterior!.Version));
        Prediction prediction = await PatientlyAsync(() => source.Task("t").PredictAsync(at, Token));
        double[] expected = _problem.Expected(rows, at).Prediction.Mean.Values;
        double[] deviations = _problem.PriorDeviations(at);
        Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], prediction.Mean.Values[i], 1e-5 * deviations[i]));
    }

    private static Task<Prediction> PatientlyAsync(Func<Task<Prediction>> predict) => Eventually.SucceedsAsync<Prediction, OrleansException>(predict);
}
