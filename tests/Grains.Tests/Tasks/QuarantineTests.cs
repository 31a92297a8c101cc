using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Tasks;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace AdaptCluster.Grains.Tests.Tasks;

/// <summary>A silo that died is what its last write before the attempt left: the records here are those.</summary>
[Collection(nameof(SharedSilo))]
public sealed class QuarantineTests(SharedSilo shared)
{
    private readonly Problem _problem = new();

    [Fact]
    public async Task AdaptAsync_ThreeAttemptsNeverEnded_QuarantinedAndNotTriedAgain()
    {
        TaskHandle task = await LeftBehindAsync(attempts: 3);

        QuarantinedException error = await Assert.ThrowsAsync<QuarantinedException>(() => task.AdaptAsync());

        Assert.Equal(("t", 3), (error.Task, error.Attempts));
        Assert.Equal(
            "task 't' is quarantined: 3 attempts to adapt it ended with the silo; look at its rows, then release it with 'adapt tasks release', or delete it and observe it anew.",
            error.Message);
        TaskDescription described = await task.DescribeAsync();
        Assert.Equal((TargetTaskStatus.Quarantined, 5), (described.Status, described.Observations));
        await Assert.ThrowsAsync<QuarantinedException>(() => task.AdaptAsync());
    }

    [Fact]
    public async Task DescribeAsync_ThreeAttemptsNeverEnded_SaysQuarantinedAndWhy()
    {
        TaskHandle task = await LeftBehindAsync(attempts: 3);

        TaskDescription described = await task.DescribeAsync();

        Assert.Equal((TargetTaskStatus.Quarantined, "3 attempts to adapt it ended with the silo"), (described.Status, described.Failure));
        Assert.Equal(TargetTaskStatus.Quarantined, (await ReadAsync(task)).Status);
    }

    [Fact]
    public async Task ReleaseAsync_QuarantinedTask_IsAdaptedWithItsRows()
    {
        TaskHandle task = await LeftBehindAsync(attempts: 3);

        TaskDescription released = await task.ReleaseAsync();
        TaskDescription adapted = await task.AdaptAsync();

        Assert.Equal((TargetTaskStatus.Stale, null), (released.Status, released.Failure));
        Assert.Equal((TargetTaskStatus.Ready, 1, 5), (adapted.Status, adapted.Posterior!.Version, adapted.Posterior.Observations));
        Assert.Equal(adapted, await task.ReleaseAsync());
    }

    [Fact]
    public async Task DeleteAsync_QuarantinedTask_CanBeObservedAnew()
    {
        TaskHandle task = await LeftBehindAsync(attempts: 3);
        await Assert.ThrowsAsync<QuarantinedException>(() => task.AdaptAsync());

        await task.DeleteAsync();
        TaskDescription adapted = await task.AdaptAsync(_problem.Rows(5));

        Assert.Equal((TargetTaskStatus.Ready, 1), (adapted.Status, adapted.Posterior!.Version));
    }

    [Fact]
    public async Task AdaptAsync_TwoAttemptsNeverEnded_TriedAgainAndForgiven()
    {
        TaskHandle task = await LeftBehindAsync(attempts: 2);

        TaskDescription adapted = await task.AdaptAsync();

        Assert.Equal((TargetTaskStatus.Ready, 1), (adapted.Status, adapted.Posterior!.Version));
        Assert.Equal(0, (await ReadAsync(task)).Attempts);
    }

    [Fact]
    public async Task AdaptAsync_AttemptFailsWhileTheSiloLives_DoesNotCount()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        await source.SetPriorAsync(new(double.MaxValue, double.Epsilon, MeanIsSource: true));
        TaskHandle task = source.Task("t");

        for (int i = 0; i < 4; i++)
        {
            await Assert.ThrowsAsync<AdaptationFailedException>(() => task.AdaptAsync(_problem.Rows(5)));
        }

        Assert.Equal((TargetTaskStatus.Failed, 0), ((await ReadAsync(task)).Status, (await ReadAsync(task)).Attempts));
    }

    private IGrainStorage Storage => shared.Silo.Silo.Services.GetRequiredKeyedService<IGrainStorage>(GrainStorage.Name);

    /// <summary>A task as a silo leaves it that dies during an attempt. Its grain has not been active yet.</summary>
    private async Task<TaskHandle> LeftBehindAsync(int attempts)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        ObservationBatch batch = _problem.Batch("a", 5);
        var state = new TargetTaskState
        {
            Incarnation = Guid.NewGuid(),
            Status = TargetTaskStatus.Solving,
            Attempts = attempts,
            Batches = [new StoredBatch { Id = batch.Id, Rows = 5, Inputs = batch.Inputs, Targets = batch.Targets }],
        };
        await Storage.WriteStateAsync("task", IdOf(task), new GrainState<Stored<TargetTaskState>>(new() { Value = state }));
        return task;
    }

    private async Task<TargetTaskState> ReadAsync(TaskHandle task)
    {
        var record = new GrainState<Stored<TargetTaskState>>(new());
        await Storage.ReadStateAsync("task", IdOf(task), record);
        return record.State!.Value!;
    }

    private GrainId IdOf(TaskHandle task) => shared.Silo.Silo.Grains.GetGrain<ITargetTaskGrain>(task.Key.ToString()).GetGrainId();
}
