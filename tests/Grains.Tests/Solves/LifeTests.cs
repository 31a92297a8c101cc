using System.Diagnostics;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Tasks;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace AdaptCluster.Grains.Tests.Solves;

/// <summary>A task while an iterative solve runs for it, and all ways in which one ends.</summary>
[Collection(nameof(SolveSilo))]
public sealed class LifeTests(SolveSilo shared) : IDisposable
{
    private const int RowCount = 160;

    private readonly Problem _problem = new(inputs: 3, outputs: 2, hidden: 8);

    private static AdaptOptions Options => FaultTests.Options(SolveSpace.ParameterSpace);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => shared.Between = null;

    [Fact]
    public async Task AdaptAsync_WhileTheSolveRuns_SameSolveAndTheLastVersionServes()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        Rows at = _problem.NewInputs();
        await task.AdaptAsync(_problem.Rows(5), Token);
        Prediction before = await task.PredictAsync(at, Token);
        await task.ObserveAsync(_problem.Rows(RowCount, seed: 2), cancellationToken: Token);
        using ShardFaults held = Hold();

        TaskDescription first = await task.BeginAdaptAsync(Options, Token);
        await held.Reached.Task.WaitAsync(Token);
        TaskDescription second = await task.BeginAdaptAsync(Options, Token);
        Prediction during = await task.PredictAsync(at, Token);
        TaskDescription described = await task.DescribeAsync(Token);
        shared.Between = null;
        held.Dispose();
        TaskDescription ready = await task.AdaptAsync(Options, Token);

        Assert.Equal((TargetTaskStatus.Solving, TargetTaskStatus.Solving), (first.Status, second.Status));
        Assert.Equal(first.Solve!.Key, second.Solve!.Key);
        Assert.Equal((SolveStage.Iterating, 3), (described.Solve!.Progress.Stage, described.Solve.Progress.Shards));
        Assert.InRange(described.Solve.Iteration, 1, 10);
        Assert.InRange(described.Solve.Residual, 0, 1);
        Same.Numbers(before, during);
        Assert.Equal((TargetTaskStatus.Ready, 2, RowCount + 5), (ready.Status, ready.Posterior!.Version, ready.Posterior.Observations));
        Assert.Equal(2, (await task.PredictAsync(at, Token)).Version);
        Assert.Null((await task.DescribeAsync(Token)).Solve);
    }

    [Fact]
    public async Task ObserveAsync_WhileTheSolveRuns_StaleAfterwardsAndAdaptGoesOnToAllRows()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        using ShardFaults held = Hold();
        await task.ObserveAsync(_problem.Rows(RowCount), cancellationToken: Token);
        await task.BeginAdaptAsync(Options, Token);
        await held.Reached.Task.WaitAsync(Token);

        await task.ObserveAsync(_problem.Rows(9, seed: 5), cancellationToken: Token);
        TaskDescription during = await task.DescribeAsync(Token);
        Task<TaskDescription> all = task.AdaptAsync(Options, Token);
        shared.Between = null;
        held.Dispose();

        Assert.Equal((TargetTaskStatus.Solving, RowCount + 9), (during.Status, during.Observations));
        TaskDescription adapted = await all;
        Assert.Equal((TargetTaskStatus.Ready, 2, RowCount + 9), (adapted.Status, adapted.Posterior!.Version, adapted.Posterior.Observations));
    }

    [Fact]
    public async Task CancelAsync_InTheMiddle_EverythingIsFreeWithinTwoSeconds()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        using ShardFaults held = Hold();
        Task<TaskDescription> waiting = task.AdaptAsync(_problem.Rows(RowCount), Options, Token);
        await held.Reached.Task.WaitAsync(Token);
        Assert.Equal(4, shared.Memory.Reservations); // three shards and a coordinator

        long started = Stopwatch.GetTimestamp();
        TaskDescription cancelled = await task.CancelAsync(Token);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);

        Assert.True(await shared.IsEmptyAsync(), "something was not freed");
        Assert.True(elapsed < TimeSpan.FromSeconds(2), $"it took {elapsed}");
        Assert.Equal((TargetTaskStatus.Stale, RowCount), (cancelled.Status, cancelled.Observations));
        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(() => waiting);
        Assert.Equal("the solve of task 't' was cancelled; adapt it again.", error.Message);
        shared.Between = null;
        Assert.Equal(1, (await task.AdaptAsync(Options, Token)).Posterior!.Version);
    }

    [Fact]
    public async Task DeleteAsync_InTheMiddle_NothingIsLeft()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(_problem.Rows(RowCount), Options, Token);
        using ShardFaults held = Hold();
        await task.ObserveAsync(_problem.Rows(9, seed: 5), cancellationToken: Token);
        await task.BeginAdaptAsync(Options, Token);
        await held.Reached.Task.WaitAsync(Token);

        await task.DeleteAsync(Token);

        Assert.True(await shared.IsEmptyAsync(), "something was not freed");
        await Assert.ThrowsAsync<NotFoundException>(() => task.DescribeAsync(Token));
        Assert.False(Directory.Exists(FolderOf(TensorScope.Solves(task.Key))), "the solve's files were left");
        Assert.False(Directory.Exists(FolderOf(TensorScope.Posteriors(task.Key))), "the posterior's file was left");
    }

    [Fact]
    public async Task AdaptAsync_Again_OnlyTheLatestPosteriorsFileIsKept()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(_problem.Rows(RowCount), Options, Token);

        await task.AdaptAsync(_problem.Rows(9, seed: 5), Options, Token);
        string kept = Assert.Single(Directory.GetFiles(FolderOf(TensorScope.Posteriors(task.Key))));
        await task.AdaptAsync(_problem.Rows(3, seed: 6), Token);

        Assert.EndsWith(".safetensors", kept);
        Assert.Empty(Directory.GetFiles(FolderOf(TensorScope.Posteriors(task.Key))));
        Assert.True((await task.PredictAsync(_problem.NewInputs(), Token)).Exact);
    }

    [Fact]
    public async Task AdaptAsync_NotConverged_FailedWithResidualAndRemedyAndTheOldVersionServes()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        Rows at = _problem.NewInputs();
        await task.AdaptAsync(_problem.Rows(5), Token);
        Prediction before = await task.PredictAsync(at, Token);

        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(
            () => task.AdaptAsync(_problem.Rows(RowCount, seed: 2), Options with { MaxIterations = 2 }, Token));

        Assert.Matches("^not converged: after [0-9]+ iterations the relative residual is .*; allow more iterations or a larger noise variance[.]$", error.Message);
        Assert.Equal(TargetTaskStatus.Failed, (await task.DescribeAsync(Token)).Status);
        Same.Numbers(before, await task.PredictAsync(at, Token));
        Assert.Equal((TargetTaskStatus.Ready, 2), ((await task.AdaptAsync(Options, Token)).Status, (await task.DescribeAsync(Token)).Posterior!.Version));
    }

    [Fact]
    public async Task AdaptAsync_LargerThanAnyMemory_RefusedBeforeItStarts()
    {
        using var folder = new TemporaryFolder();
        await using TestSilo silo = await TestSilo.StartAsync(folder.Path, new DeviceOptions { Threads = 1, SolveMemoryBytes = 2L << 20 });
        SourceHandle source = await _problem.RegisterAsync(silo.Client("a"));

        TooLargeException error = await Assert.ThrowsAsync<TooLargeException>(() => source.Task("t").AdaptAsync(_problem.Rows(RowCount), Options, Token));

        Assert.StartsWith("task 't': no way to solve this task fits the memory: the smallest, parameter space, 3 shards, recomputed, needs ", error.Message);
        Assert.Contains("--solve-memory-mb", error.Message, StringComparison.Ordinal);
        Assert.True(error.NeededBytes > 2L << 20);
        await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").DescribeAsync(Token));
    }

    [Fact]
    public async Task AdaptAsync_MemoryIsTakenNow_WaitsAndHoldsNothingMeanwhile()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        using SolveReservation others = shared.Memory.TryReserve(shared.Memory.FreeBytes - (1L << 20))!;
        bool waited = false;
        Task<TaskDescription> adapting = task.AdaptAsync(_problem.Rows(RowCount), Options, Token);

        await foreach (SolveProgressMessage progress in await WatchAsync(task))
        {
            if (progress.Stage == SolveStage.Waiting && !waited)
            {
                waited = true;
                await Eventually.IsTrueAsync(() => shared.Memory.Reservations == 1, "the solve holds memory while it waits");
                others.Dispose();
            }
        }

        Assert.Equal(TargetTaskStatus.Ready, (await adapting).Status);
        Assert.True(waited, "it never waited");
    }

    [Fact]
    public async Task Resume_ThreeAttemptsWithoutProgress_Quarantined()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await LeftBehindAsync(source, task, attempts: 3);

        QuarantinedException error = await Assert.ThrowsAsync<QuarantinedException>(() => task.AdaptAsync(Options, Token));

        Assert.Equal(3, error.Attempts);
        Assert.Equal(TargetTaskStatus.Quarantined, (await task.DescribeAsync(Token)).Status);
        await Assert.ThrowsAsync<QuarantinedException>(() => task.AdaptAsync(Options, Token));
    }

    [Fact]
    public async Task Resume_TwoAttemptsWithoutProgress_TriedAgainAndForgiven()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await LeftBehindAsync(source, task, attempts: 2);

        TaskDescription adapted = await task.AdaptAsync(Options, Token);

        Assert.Equal((TargetTaskStatus.Ready, 1), (adapted.Status, adapted.Posterior!.Version));
    }

    private string FolderOf(TensorScope scope) => Path.Combine(shared.Folder, "tensors", scope.Path);

    // Shard 1 gives no answer to its fourth product.
    private ShardFaults Hold()
    {
        ShardFaults faults = null!;
        faults = new ShardFaults(1, 4) { Once = false, Fault = (_, _) => faults.LoseAsync() };
        shared.Between = faults.Between;
        return faults;
    }

    private static async Task<IAsyncEnumerable<SolveProgressMessage>> WatchAsync(TaskHandle task)
    {
        await Eventually.SucceedsAsync<TaskDescription, NotFoundException>(() => task.DescribeAsync(Token));
        return task.WatchAsync(Token);
    }

    /// <summary>Task and coordinator as silos leave them that die during attempts.</summary>
    private async Task LeftBehindAsync(SourceHandle source, TaskHandle task, int attempts)
    {
        // A twin is solved in the same way: what was written for it is written for the task.
        SolveOrder? order = null;
        shared.Between = call =>
        {
            order = call.MethodName == nameof(IJacobianShardGrain.LoadAsync) ? ((ShardOrder)call.Request.GetArgument(0)!).Order : order;
            return call.Invoke();
        };
        await source.Task("twin").AdaptAsync(_problem.Rows(RowCount), Options, Token);
        shared.Between = null;
        var solve = Guid.NewGuid();
        ObservationBatch batch = _problem.Batch("a", RowCount);
        var held = new StoredBatch { Id = "a", Rows = RowCount, Inputs = batch.Inputs, Targets = batch.Targets };
        var state = new TargetTaskState
        {
            Incarnation = Guid.NewGuid(),
            Status = TargetTaskStatus.Solving,
            Batches = [held],
            Solve = new RunningSolve(solve, 1, 1, order!.Prior, order.ModelHash, order.Plan),
        };
        IServiceProvider services = shared.Silo.Silo.Services;
        var blocks = await services.GetRequiredService<ObservationStore>().AsBlocksAsync(task.Key, solve, [held], Token);
        var left = new SolveState { Order = order with { Solve = solve, Task = task.Key.ToString(), Blocks = blocks }, Session = attempts, Attempts = attempts };
        IGrainFactory grains = shared.Silo.Silo.Grains;
        IGrainStorage storage = services.GetRequiredKeyedService<IGrainStorage>(GrainStorage.Name);
        await storage.WriteStateAsync(
            "task", grains.GetGrain<ITargetTaskGrain>(task.Key.ToString()).GetGrainId(), new GrainState<Stored<TargetTaskState>>(new() { Value = state }));
        await storage.WriteStateAsync(
            "solve",
            grains.GetGrain<ISolveCoordinatorGrain>(SolveKeys.Coordinator(task.Key.ToString(), solve)).GetGrainId(),
            new GrainState<Stored<SolveState>>(new() { Value = left }));
    }
}
