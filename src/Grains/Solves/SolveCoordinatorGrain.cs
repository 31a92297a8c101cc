using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Solves;
using Orleans.Concurrency;
using Orleans.Storage;

namespace AdaptCluster.Grains.Solves;

/// <inheritdoc cref="ISolveCoordinatorGrain"/>
/// <remarks>
/// The solve runs beside the calls, on the grain's scheduler. A reminder wakes the grain wherever there is a silo; whoever
/// wakes it, it takes the solve up from the last checkpoint. What is durable is written by one at a time.
/// </remarks>
[Reentrant]
internal sealed class SolveCoordinatorGrain(
    [PersistentState("solve", GrainStorage.Name)] IPersistentState<Stored<SolveState>> storage,
    SolveServices services) : Grain, ISolveCoordinatorGrain, IRemindable, ISolveJournal, IDisposable
{
    /// <summary>After so many attempts that ended with their silo, the task is left alone.</summary>
    private const int MaxAttempts = 3;

    private const string Reminder = "solve";

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _write = new(1);
    private readonly List<Channel<SolveProgressMessage>> _watchers = [];
    private DurableState<SolveState> _state = null!;
    private SolveProgressMessage _progress = new() { Stage = SolveStage.Loading };
    private Task? _running;
    private bool _isMoving;
    private bool _isCounted;

    string? ISolveJournal.Checkpoint => _state.Current?.Checkpoint;

    IReadOnlyList<ShardPlacement> ISolveJournal.Placements => _state.Current?.Placements ?? [];

    private string Key => this.GetPrimaryKeyString();

    private TimeProvider Clock => services.Shards.Clock;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _state = new DurableState<SolveState>(storage);
        TakeUp();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _isMoving = true;
        await _stop.CancelAsync();
        await Settled(_running);
        EndWatching();
    }

    public async Task StartAsync(SolveOrder order, CancellationToken cancellationToken)
    {
        if (_state.Current is not null || _stop.IsCancellationRequested)
        {
            return;
        }

        // The reminder first: one without a solve ends itself, a solve without one might be forgotten.
        TimeSpan period = services.Shards.Options.Value.ReminderPeriod;
        await this.RegisterOrUpdateReminder(Reminder, period, period, cancellationToken);
        await CommitAsync(state => state ?? new SolveState { Order = order }, cancellationToken);
        TakeUp();
    }

    public async IAsyncEnumerable<SolveProgressMessage> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_running is null or { IsCompleted: true })
        {
            yield break;
        }

        // Who reads slowly gets the latest, not all.
        var channel = Channel.CreateBounded<SolveProgressMessage>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        _watchers.Add(channel);
        channel.Writer.TryWrite(_progress);
        try
        {
            await foreach (SolveProgressMessage progress in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return progress;
            }
        }
        finally
        {
            _watchers.Remove(channel);
        }
    }

    public async Task CancelAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await Settled(_running);
        if (_state.Current is { } state)
        {
            await ForgetAsync(state.Order);
            services.Instruments.SolveEnded(TimeSpan.FromSeconds(_progress.Seconds), "cancelled");
        }

        DeactivateOnIdle();
    }

    public Task<SolveDescription?> DescribeAsync(CancellationToken cancellationToken) => Task.FromResult(
        _state.Current is { } state ? new SolveDescription(Key, state.Order.Plan, _progress, state.Attempts) : null);

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_state.Current is null)
        {
            await EndReminderAsync();
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _write.Dispose();
    }

    async Task ISolveJournal.CheckpointedAsync(string hash)
    {
        string? before = _state.Current?.Checkpoint;

        // There is progress: what came before counts no more.
        await CommitAsync(state => state! with { Checkpoint = hash, Attempts = 1 }, CancellationToken.None);
        if (before is not null && before != hash)
        {
            await services.Tensors.DeleteAsync(ScopeOf(_state.Current!.Order), before);
        }
    }

    Task ISolveJournal.PlacedAsync(IReadOnlyList<ShardPlacement> placements) =>
        CommitAsync(state => state! with { Placements = [.. placements] }, CancellationToken.None);

    void ISolveJournal.Report(SolveProgressMessage progress)
    {
        _progress = progress;
        foreach (Channel<SolveProgressMessage> watcher in _watchers)
        {
            watcher.Writer.TryWrite(progress);
        }
    }

    private static TensorScope ScopeOf(SolveOrder order) => TensorScope.Solve(TaskKey.Parse(order.Task), order.Solve);

    private ITargetTaskGrain TaskOf(SolveOrder order) => GrainFactory.GetGrain<ITargetTaskGrain>(order.Task);

    private void TakeUp()
    {
        if (_state.Current is not null && _running is null)
        {
            _running = RunAsync();
        }
    }

    // Never throws; what it could not do is done when the solve is taken up again.
    private async Task RunAsync()
    {
        await Task.Yield();
        RequestContext.Clear();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await AttemptAsync();
                break;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error) when (error is SolveSupersededException or ObjectDisposedException or OperationCanceledException)
            {
                // Somebody else has it, or the lane has ended and with it this silo.
                break;
            }
            catch (InconsistentStateException error)
            {
                // Another activation has written since this one read, its silo's last word for example: whoever comes next reads what it wrote.
                services.Logger.Retries(Key, error.Message);
                break;
            }
            catch (Exception error) when (error is OrleansException or TimeoutException or AdaptException { IsRetryable: true })
            {
                services.Logger.Retries(Key, error.Message);
                await Settled(Task.Delay(s_retry, Clock, _stop.Token));
            }
        }

        EndWatching();
        DeactivateOnIdle();
    }

    private async Task AttemptAsync()
    {
        if (_state.Current!.Attempts >= MaxAttempts && !_isCounted)
        {
            await FailAsync(_state.Current.Order, $"{MaxAttempts} attempts ended with the silo", MaxAttempts);
            return;
        }

        // Counted before it is made: if it takes the silo down, it was. A store that did not answer is no fault of the solve.
        int more = _isCounted ? 0 : 1;
        await CommitAsync(held => held! with { Session = held.Session + 1, Attempts = held.Attempts + more }, _stop.Token);
        _isCounted = true;
        SolveState state = _state.Current;
        using Activity? activity = AdaptInstruments.Activities.StartActivity("solve", ActivityKind.Internal, default(ActivityContext));
        activity?.SetTag("adapt.task", state.Order.Task);
        activity?.SetTag("adapt.solve", Key);
        activity?.SetTag("adapt.plan", state.Order.Plan.Name);
        services.Logger.Begins(Key, state.Session, state.Attempts, state.Order.Plan.Name);
        var driver = new SolveDriver(services, Key, state.Order, state.Session, this);
        try
        {
            SolveResult result = await driver.RunAsync(() => _isMoving, _stop.Token);
            activity?.SetTag("adapt.iterations", result.Statistics.Iterations);
            activity?.SetTag("adapt.residual", result.Statistics.RelativeResidual);
            services.Instruments.SolveResidual(result.Statistics.RelativeResidual);
            await EndAsync(driver, state.Order, result);
        }
        catch (SolveMemoryException error)
        {
            await FailAsync(state.Order, $"{error.Message}; raise the memory for solves (--solve-memory-mb), or add silos and adapt again.", 0);
        }
        catch (AdaptException error) when (!error.IsRetryable)
        {
            await FailAsync(state.Order, error.Message, 0);
        }
        catch (OperationCanceledException) when (_isMoving)
        {
            // The silo ends as it should: this attempt did no harm.
            await CommitAsync(held => held! with { Attempts = Math.Max(0, held.Attempts - 1) }, CancellationToken.None);
            throw;
        }
        catch (Exception error) when (error is not (OperationCanceledException or ObjectDisposedException or SolveSupersededException or OrleansException or TimeoutException or AdaptException))
        {
            services.Logger.InternalError(error, Key);
            await FailAsync(state.Order, $"internal error: {error.GetType().Name}: {error.Message.Split('\n')[0]}", 0);
        }
    }

    private async Task EndAsync(SolveDriver driver, SolveOrder order, SolveResult result)
    {
        if (result.Posterior is not { } posterior)
        {
            await FailAsync(order, $"{result.Statistics.Describe()}.", 0);
            return;
        }

        byte[] file = await Task.Run(() => SolvedPosteriorFile.ToBytes(posterior), _stop.Token);
        string hash = await services.Tensors.PutAsync(TensorScope.Posteriors(TaskKey.Parse(order.Task)), file, _stop.Token);
        SolveCompletion completion = SolveReports.Completion(order, result, driver, Clock.GetUtcNow(), hash);
        await TaskOf(order).CompleteSolveAsync(completion, CancellationToken.None).WaitAsync(_stop.Token);
        await ForgetAsync(order);
        services.Instruments.SolveEnded(driver.Elapsed, "converged");
        services.Logger.Ended(Key, driver.Elapsed.TotalSeconds, result.Statistics.Describe());
    }

    private async Task FailAsync(SolveOrder order, string reason, int attempts)
    {
        services.Logger.Failed(Key, reason);
        await TaskOf(order).FailSolveAsync(new SolveFailure(order.Solve, reason, attempts), CancellationToken.None).WaitAsync(_stop.Token);
        await ForgetAsync(order);
        services.Instruments.SolveEnded(TimeSpan.FromSeconds(_progress.Seconds), attempts > 0 ? "quarantined" : "failed");
    }

    // The record last: as long as it is there, the rest is cleared again.
    private async Task ForgetAsync(SolveOrder order)
    {
        await services.Tensors.DeleteAllAsync(ScopeOf(order));
        await EndReminderAsync();
        await _write.WaitAsync();
        try
        {
            await _state.ClearAsync();
        }
        finally
        {
            _write.Release();
        }
    }

    private async Task EndReminderAsync()
    {
        if (await this.GetReminder(Reminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    private async Task CommitAsync(Func<SolveState?, SolveState> next, CancellationToken cancellationToken)
    {
        await _write.WaitAsync(cancellationToken);
        try
        {
            await _state.CommitAsync(next(_state.Current), cancellationToken);
        }
        finally
        {
            _write.Release();
        }
    }

    private void EndWatching()
    {
        foreach (Channel<SolveProgressMessage> watcher in _watchers.ToArray())
        {
            watcher.Writer.TryComplete();
        }
    }

    private static async Task Settled(Task? task) =>
        await (task ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
