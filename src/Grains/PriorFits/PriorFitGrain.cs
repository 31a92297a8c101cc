using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using Orleans.Concurrency;
using Orleans.Storage;

namespace AdaptCluster.Grains.PriorFits;

/// <inheritdoc cref="IPriorFitGrain"/>
/// <remarks>
/// The fit runs beside the calls, on the grain's scheduler. A reminder wakes the grain wherever there is a silo; whoever wakes it, it takes the fit up from
/// the answers that are durable. What is durable is written by one at a time.
/// </remarks>
[Reentrant]
internal sealed class PriorFitGrain(
    [PersistentState("prior-fit-order", GrainStorage.Name)] IPersistentState<Stored<PriorFitOrder>> orderStorage,
    [PersistentState("prior-fit", GrainStorage.Name)] IPersistentState<Stored<PriorFitState>> storage,
    PriorFitServices services) : Grain, IPriorFitGrain, IRemindable, IPriorFitJournal, IDisposable
{
    /// <summary>After so many attempts that ended with their silo and computed nothing new, the fit is given up.</summary>
    private const int MaxAttempts = 3;

    private const string Reminder = "prior-fit";

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    /// <summary>Who watches hears something so often, also during a long evaluation: or takes the fit for lost.</summary>
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _write = new(1);
    private readonly List<Channel<PriorFitUpdate>> _watchers = [];
    private DurableState<PriorFitOrder> _order = null!;
    private DurableState<PriorFitState> _state = null!;
    private PriorFitUpdate _progress = new(0, 0, 0, double.NaN, null);
    private Task? _running;
    private bool _isMoving;
    private bool _isCounted;

    IReadOnlyList<string> IPriorFitJournal.Answers => State.Answers;

    IReadOnlyList<ShardPlacement> IPriorFitJournal.Placements => State.Placements;

    private string Key => this.GetPrimaryKeyString();

    private PriorFitState State => _state.Current ?? new PriorFitState();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _order = new DurableState<PriorFitOrder>(orderStorage);
        _state = new DurableState<PriorFitState>(storage);
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

    public async Task StartAsync(PriorFitOrder order, CancellationToken cancellationToken)
    {
        if (_order.Current is not null || _stop.IsCancellationRequested)
        {
            return;
        }

        // The reminder first: one without a fit ends itself, a fit without one might be forgotten.
        TimeSpan period = services.Shards.Options.Value.ReminderPeriod;
        await this.RegisterOrUpdateReminder(Reminder, period, period, cancellationToken);
        await OneAtATimeAsync(() => _order.CommitAsync(_order.Current ?? order, cancellationToken), cancellationToken);
        TakeUp();
    }

    public async IAsyncEnumerable<PriorFitUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_running is null or { IsCompleted: true })
        {
            yield break;
        }

        // Who reads slowly gets the latest, not all.
        var channel = Channel.CreateBounded<PriorFitUpdate>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        _watchers.Add(channel);
        channel.Writer.TryWrite(_progress);
        try
        {
            while (await HasMoreAsync(channel.Reader, cancellationToken))
            {
                yield return channel.Reader.TryRead(out PriorFitUpdate? update) ? update : _progress;
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
        if (_order.Current is { } order)
        {
            await ForgetAsync(order);
        }

        DeactivateOnIdle();
    }

    public Task<bool> IsUnderWayAsync(CancellationToken cancellationToken) => Task.FromResult(_order.Current is not null);

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_order.Current is null)
        {
            await EndReminderAsync();
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _write.Dispose();
    }

    async Task IPriorFitJournal.AnsweredAsync(string hash, bool replacesAll)
    {
        IReadOnlyList<string> before = State.Answers;

        // There is progress: what came before counts no more.
        await CommitAsync(state => state with { Answers = replacesAll ? [hash] : state.Answers.Add(hash), Attempts = 1 }, CancellationToken.None);
        foreach (string replaced in replacesAll ? before.Except([hash]) : [])
        {
            await services.Tensors.DeleteAsync(ScopeOf(_order.Current!), replaced);
        }
    }

    Task IPriorFitJournal.PlacedAsync(IReadOnlyList<ShardPlacement> placements) =>
        CommitAsync(state => state with { Placements = [.. placements] }, CancellationToken.None);

    void IPriorFitJournal.Report(PriorFitUpdate progress)
    {
        _progress = progress;
        foreach (Channel<PriorFitUpdate> watcher in _watchers)
        {
            watcher.Writer.TryWrite(progress);
        }
    }

    private static TensorScope ScopeOf(PriorFitOrder order) => TensorScope.PriorFit(SourceKey.Parse(order.Source), order.Request.Fit);

    private async Task<bool> HasMoreAsync(ChannelReader<PriorFitUpdate> reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.WaitToReadAsync(cancellationToken).AsTask().WaitAsync(s_heartbeat, services.Shards.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    private void TakeUp()
    {
        if (_order.Current is not null && _running is null)
        {
            _progress = _progress with { Tasks = _order.Current.Request.Data.RowsPerTask.Length };
            _running = RunAsync(_order.Current);
        }
    }

    // Never throws; what it could not do is done when the fit is taken up again.
    private async Task RunAsync(PriorFitOrder order)
    {
        await Task.Yield();
        RequestContext.Clear();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await AttemptAsync(order);
                break;
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                // Cancelled, or the lane has ended and with it this silo.
                break;
            }
            catch (InconsistentStateException error)
            {
                // Another activation has written since this one read: whoever comes next reads what it wrote.
                services.Logger.Retries(Key, error.Message);
                break;
            }
            catch (Exception error) when (error is OrleansException or TimeoutException or AdaptException { IsRetryable: true })
            {
                services.Logger.Retries(Key, error.Message);
                await Settled(Task.Delay(s_retry, services.Shards.Clock, _stop.Token));
            }
        }

        EndWatching();
        DeactivateOnIdle();
    }

    private async Task AttemptAsync(PriorFitOrder order)
    {
        if (State.Attempts >= MaxAttempts && !_isCounted)
        {
            await EndAsync(order, null, new AdaptationFailedException($"the fit of the prior ended with its silo {MaxAttempts} times without computing anything new; nothing was changed."));
            return;
        }

        // Counted before it is made: if it takes the silo down, it was. A store that did not answer is no fault of the fit.
        int more = _isCounted ? 0 : 1;
        await CommitAsync(state => state with { Attempts = state.Attempts + more }, _stop.Token);
        _isCounted = true;
        using Activity? activity = AdaptInstruments.Activities.StartActivity("fit prior", ActivityKind.Internal, default(ActivityContext));
        activity?.SetTag("adapt.source", order.Source);
        activity?.SetTag("adapt.parts", order.Parts.Length);
        var driver = new PriorFitDriver(services, Key, order, this);
        try
        {
            PriorDescription prior = await driver.RunAsync(State.Attempts, () => _isMoving, _stop.Token);
            activity?.SetTag("adapt.evaluations", driver.Evaluations);
            await EndAsync(order, prior, null);
            services.Logger.Ended(Key, driver.Seconds, driver.Evaluations, prior.Fit!.Status);
        }
        catch (AdaptException error) when (!error.IsRetryable)
        {
            await EndAsync(order, null, error);
        }
        catch (OperationCanceledException) when (_isMoving)
        {
            // The silo ends as it should: this attempt did no harm.
            await CommitAsync(state => state with { Attempts = Math.Max(0, state.Attempts - 1) }, CancellationToken.None);
            throw;
        }
        catch (Exception error) when (error is not (OperationCanceledException or ObjectDisposedException or OrleansException or TimeoutException or AdaptException))
        {
            services.Logger.InternalError(error, Key);
            await EndAsync(order, null, new AdaptationFailedException($"the fit of the prior met an internal error: {error.GetType().Name}: {error.Message.Split('\n')[0]}"));
        }
    }

    private async Task EndAsync(PriorFitOrder order, PriorDescription? prior, AdaptException? error)
    {
        if (error is not null)
        {
            services.Logger.Failed(Key, error.Message);
        }

        var end = new PriorFitEnd(order.Request.Fit, prior, error);
        await services.Grains.GetGrain<ISourceTaskGrain>(order.Source).EndPriorFitAsync(end, CancellationToken.None).WaitAsync(_stop.Token);
        await ForgetAsync(order);
    }

    // The order last: as long as it is there, the rest is cleared again.
    private async Task ForgetAsync(PriorFitOrder order)
    {
        await services.Tensors.DeleteAllAsync(ScopeOf(order));
        await services.Tensors.DeleteAllAsync(TensorScope.Staging(order.Request.Data.Upload));
        await EndReminderAsync();
        await OneAtATimeAsync(
            async () =>
            {
                await _state.ClearAsync();
                await _order.ClearAsync();
            },
            CancellationToken.None);
    }

    private async Task EndReminderAsync()
    {
        if (await this.GetReminder(Reminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    private Task CommitAsync(Func<PriorFitState, PriorFitState> next, CancellationToken cancellationToken) =>
        OneAtATimeAsync(() => _state.CommitAsync(next(State), cancellationToken), cancellationToken);

    private async Task OneAtATimeAsync(Func<Task> write, CancellationToken cancellationToken)
    {
        await _write.WaitAsync(cancellationToken);
        try
        {
            await write();
        }
        finally
        {
            _write.Release();
        }
    }

    private void EndWatching()
    {
        foreach (Channel<PriorFitUpdate> watcher in _watchers.ToArray())
        {
            watcher.Writer.TryComplete();
        }
    }

    private static async Task Settled(Task? task) =>
        await (task ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
