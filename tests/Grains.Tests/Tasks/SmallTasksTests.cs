using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Tasks;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Tests.Tasks;

/// <summary>Small tasks that wait together on the lane.</summary>
public sealed class SmallTasksTests : IDisposable
{
    // Sums in another order: batches of two tasks and of one.
    private const double Close = 1e-10;

    private static readonly NetworkSpec s_spec = NetworkSpec.Mlp(2, [12], 1, Activation.Tanh);

    private readonly SourceModel _model;
    private readonly AdaptInstruments _instruments = new();
    private readonly DeviceLane _lane;
    private readonly SmallTasks _small;

    public SmallTasksTests()
    {
        var random = new Random(1);
        _model = new SourceModel(
            new NetworkWeights(s_spec, [.. Enumerable.Range(0, s_spec.ParameterCount).Select(_ => (float)(random.NextDouble() - 0.5))]),
            Standardisation.Identity(2),
            Standardisation.Identity(1));
        _lane = new DeviceLane(Options.Create(new DeviceOptions { Threads = 1 }), _instruments);
        _small = new SmallTasks(_lane);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _lane.Dispose();
        _instruments.Dispose();
    }

    [Fact]
    public async Task FitAsync_OneVersionOfTwoPriors_EachTaskIsFittedUnderItsOwn()
    {
        // A source that was deleted and made anew with the same network has a first version too.
        Prior before = Prior.Uniform(s_spec, 0.1, 0.1);
        Prior after = Prior.Uniform(s_spec, 2, 0.03) with { Spread = new TaskSpread(0.5, 0) };
        double[] alone = [(await FitAsync("a", before)).Report.LogEvidence, (await FitAsync("b", after)).Report.LogEvidence];

        (SmallFit first, SmallFit second) = await WhileHeldAsync(() => (FitAsync("a", before), FitAsync("b", after)));

        Assert.Equal(alone[0], first.Report.LogEvidence, Close * Math.Abs(alone[0]));
        Assert.Equal(alone[1], second.Report.LogEvidence, Close * Math.Abs(alone[1]));
        Assert.Equal(before, first.Posterior.Prior);
    }

    [Fact]
    public async Task FitAsync_FactorsAreGiven_AreNotLookedFor()
    {
        Prior prior = Prior.Uniform(s_spec, 0.1, 0.1) with { Spread = new TaskSpread(0.7, 0.7) };
        var given = new TaskFactors(3, 0.5);

        (SmallFit found, SmallFit remade) = await WhileHeldAsync(() => (FitAsync("a", prior), FitAsync("b", prior, given)));

        Assert.NotEqual(TaskFactors.Fleet, found.Report.Factors);
        Assert.Equal(given, remade.Report.Factors);
        Assert.Equal(prior.At(given), remade.Posterior.Prior);
    }

    // What is asked before the lane is free goes together.
    private async Task<(SmallFit First, SmallFit Second)> WhileHeldAsync(Func<(Task<SmallFit> First, Task<SmallFit> Second)> ask)
    {
        using var gate = new ManualResetEventSlim();
        Task held = _lane.RunAsync(LanePriority.Interactive, _ => gate.Wait(), Token);
        (Task<SmallFit> first, Task<SmallFit> second) = ask();
        gate.Set();
        await held;
        return (await first, await second);
    }

    private Task<SmallFit> FitAsync(string name, Prior prior, TaskFactors? factors = null)
    {
        var random = new Random(name[0]);
        double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];
        var data = new TaskData(new RowMatrix(9, 2, Numbers(18)), new RowMatrix(9, 1, Numbers(9)));
        var task = new SmallTask(new TaskKey("tenant", "source", name), new PosteriorKey(Guid.NewGuid(), 1, "model"), _model, prior, 1);
        return _small.FitAsync(task, data, factors, LanePriority.Interactive, Token);
    }
}
