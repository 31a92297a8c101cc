using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Renewals;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Tasks;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace AdaptCluster.Grains.Tests.Renewals;

/// <summary>A new prior reaches the tasks that there are, in the background, and nobody waits for it.</summary>
[Collection(nameof(SharedSilo))]
public sealed class RenewalTests(SharedSilo shared)
{
    private static readonly PriorSetting s_next = new(2, Problem.NoiseVariance, MeanIsSource: true);

    private readonly Problem _problem = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SetPriorAsync_TasksWithPosteriors_AllAdaptedAnewAndTheOthersLeftAlone()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        Assert.Null(await source.DescribeRenewalAsync(Token));
        for (int i = 0; i < 30; i++)
        {
            await source.Task($"t{i}").AdaptAsync(_problem.Rows(5, seed: i), Token);
        }

        await source.Task("observed").ObserveAsync(_problem.Rows(5), cancellationToken: Token);
        await source.Task("stale").AdaptAsync(_problem.Rows(5), Token);
        await source.Task("stale").ObserveAsync(_problem.Rows(2, seed: 3), cancellationToken: Token);

        await source.SetPriorAsync(s_next, Token);
        RenewalDescription done = await EndedAsync(source, version: 2);

        Assert.Equal((31, 30, 1, 0), (done.Tasks, done.Renewed, done.Waiting, done.Failed));
        Rows at = _problem.NewInputs();
        for (int i = 0; i < 30; i += 7)
        {
            Prediction renewed = await source.Task($"t{i}").PredictAsync(at, Token);
            Assert.Equal((2, 2), (renewed.Version, renewed.PriorVersion));
            double[] expected = _problem.Expected(_problem.Rows(5, seed: i), at, scale: 2).Prediction.Mean.Values;
            Assert.All(Enumerable.Range(0, expected.Length), row => Assert.Equal(expected[row], renewed.Mean.Values[row], 1e-9));
        }

        TaskDescription stale = await source.Task("stale").DescribeAsync(Token);
        Assert.Equal((TargetTaskStatus.Stale, 1), (stale.Status, stale.Posterior!.PriorVersion));
        Assert.Null((await source.Task("observed").DescribeAsync(Token)).Posterior);
    }

    [Fact]
    public async Task SetPriorAsync_AgainWhileTasksAreRenewed_TheNewestReachesAll()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        for (int i = 0; i < 20; i++)
        {
            await source.Task($"t{i}").AdaptAsync(_problem.Rows(5, seed: i), Token);
        }

        await source.SetPriorAsync(s_next, Token);
        await source.SetPriorAsync(s_next with { Scale = 3 }, Token);
        await source.SetPriorAsync(s_next with { Scale = 4 }, Token);
        RenewalDescription done = await EndedAsync(source, version: 4);

        Assert.Equal((20, 20), (done.Tasks, done.Renewed));
        await foreach (TaskDescription task in source.ListTasksAsync(Token))
        {
            Assert.Equal((TargetTaskStatus.Ready, 4), (task.Status, task.Posterior!.PriorVersion));
        }
    }

    [Fact]
    public async Task SetPriorAsync_PoisonousAndDeletedTasks_DoNotStopTheOthers()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        for (int i = 0; i < 12; i++)
        {
            await source.Task($"t{i}").AdaptAsync(_problem.Rows(5, seed: i), Token);
        }

        // As a silo leaves it that died of it twice while it was renewed, and died of it again: one more attempt is counted than there may be.
        TaskHandle poisonous = source.Task("poisonous");
        await poisonous.AdaptAsync(_problem.Rows(5), Token);
        await LeaveBehindAsync(source.Task("poisonous too"), await ReadAsync(poisonous), attempts: 3);
        await source.Task("t3").DeleteAsync(Token);

        await source.SetPriorAsync(s_next, Token);
        RenewalDescription done = await EndedAsync(source, version: 2);

        Assert.Equal((13, 12, 1), (done.Tasks, done.Renewed, done.Failed));
        Assert.Equal("poisonous too", Assert.Single(done.Failures).Task);
        Assert.Equal(TargetTaskStatus.Quarantined, (await source.Task("poisonous too").DescribeAsync(Token)).Status);
    }

    [Fact]
    public async Task SetPriorAsync_UselessPrior_TasksKeepPredictingAsBeforeAndAreNamed()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(_problem.Rows(5), Token);
        Rows at = _problem.NewInputs();
        Prediction before = await task.PredictAsync(at, Token);

        await source.SetPriorAsync(new PriorSetting(double.MaxValue, double.Epsilon, MeanIsSource: true), Token);
        RenewalDescription done = await EndedAsync(source, version: 2);

        Assert.Equal((1, 0, 1), (done.Tasks, done.Renewed, done.Failed));
        Assert.Equal("t", done.Failures[0].Task);
        Same.Numbers(before, await task.PredictAsync(at, Token));
        await source.SetPriorAsync(s_next, Token);
        Assert.Equal(1, (await EndedAsync(source, version: 3)).Renewed);
    }

    [Fact]
    public async Task SetPriorAsync_LargeTask_RenewedByItsIterativeSolve()
    {
        using var folder = new TemporaryFolder();
        await using TestSilo silo = await TestSilo.StartAsync(folder.Path, new DeviceOptions { Threads = 1, SolveMemoryBytes = 4L << 30 }, SolveSilo.Options);
        SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));
        await source.Task("large").AdaptAsync(_problem.Rows(2_100), Token);

        await source.SetPriorAsync(s_next, Token);
        RenewalDescription done = await EndedAsync(source, version: 2);

        Assert.Equal((1, 1), (done.Tasks, done.Renewed));
        Assert.Equal(2, (await source.Task("large").PredictAsync(_problem.NewInputs(), Token)).PriorVersion);
    }

    [Fact]
    public async Task SiloRestartedInTheMiddle_GoesOnByItself()
    {
        const int Tasks = 120;
        using var folder = new TemporaryFolder();
        var options = new SolveOptions { CheckpointPeriod = TimeSpan.FromMilliseconds(1), ReminderPeriod = TimeSpan.FromSeconds(1) };
        await using (TestSilo before = await TestSilo.StartAsync(folder.Path, solves: options))
        {
            SourceHandle source = await _problem.RegisterAsync(before.Client("a"));
            await Parallel.ForAsync(0, Tasks, Token, async (i, token) => await source.Task($"t{i}").AdaptAsync(_problem.Rows(5, seed: i), token));
            await source.SetPriorAsync(s_next, Token);
        }

        await using TestSilo after = await TestSilo.StartAsync(folder.Path, solves: options);
        RenewalDescription done = await EndedAsync(after.Client("a").Source("source"), version: 2);

        Assert.Equal((Tasks, Tasks), (done.Tasks, done.Renewed));
    }

    private static async Task<RenewalDescription> EndedAsync(SourceHandle source, int version)
    {
        RenewalDescription? renewal = null;
        await Eventually.IsTrueAsync(
            async () => (renewal = await source.DescribeRenewalAsync(Token)) is { IsRunning: false } && renewal.PriorVersion == version, "the tasks were not renewed");
        return renewal!;
    }

    private IGrainStorage Storage => shared.Silo.Silo.Services.GetRequiredKeyedService<IGrainStorage>(GrainStorage.Name);

    private async Task<TargetTaskState> ReadAsync(TaskHandle task)
    {
        var state = new GrainState<Stored<TargetTaskState>>(new());
        await Storage.ReadStateAsync("task", IdOf(task), state);
        return state.State!.Value!;
    }

    private async Task LeaveBehindAsync(TaskHandle task, TargetTaskState like, int attempts)
    {
        var state = new Stored<TargetTaskState> { Value = like with { Attempts = attempts, Status = TargetTaskStatus.Solving } };
        await Storage.WriteStateAsync("task", IdOf(task), new GrainState<Stored<TargetTaskState>>(state));
        var key = Interfaces.Naming.TaskIndexKey.For(task.Key);
        await shared.Silo.Grains.GetGrain<ITaskIndexGrain>(key.ToString()).AddAsync(task.Key.Task, Token);
    }

    private GrainId IdOf(TaskHandle task) => shared.Silo.Silo.Grains.GetGrain<ITargetTaskGrain>(task.Key.ToString()).GetGrainId();
}
