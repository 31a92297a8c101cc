using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Renewals;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Storage;

namespace AdaptCluster.Grains.Renewals;

/// <inheritdoc cref="IRenewalGrain"/>
/// <remarks>
/// Goes through the task index part by part, a few tasks at a time, and writes every few seconds how far it is. A reminder wakes the grain wherever there is
/// a silo; what was not written is asked again, which is harmless.
/// </remarks>
[Reentrant]
internal sealed class RenewalGrain(
    [PersistentState("renewal", GrainStorage.Name)] IPersistentState<Stored<RenewalState>> storage,
    TaskRenewal renewal,
    IOptions<SolveOptions> options,
    TimeProvider clock,
    ILogger<RenewalGrain> logger) : Grain, IRenewalGrain, IRemindable, IDisposable
{
    /// <summary>Enough to keep a device at work while records are written, and few enough that nobody notices.</summary>
    private const int Concurrency = 8;

    private const string Reminder = "renewal";

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _write = new(1);
    private DurableState<RenewalState> _state = null!;
    private RenewalState? _seen;
    private SourceKey _key = null!;
    private Task? _running;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = SourceKey.Parse(this.GetPrimaryKeyString());
        _state = new DurableState<RenewalState>(storage);
        _seen = _state.Current;
        TakeUp();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await Settled(_running);
    }

    public async Task StartAsync(int priorVersion, CancellationToken cancellationToken)
    {
        if (_state.Current?.PriorVersion >= priorVersion || _stop.IsCancellationRequested)
        {
            return;
        }

        TimeSpan period = options.Value.ReminderPeriod;
        await this.RegisterOrUpdateReminder(Reminder, period, period, cancellationToken);
        ImmutableArray<string>[] names = await Task.WhenAll(Enumerable.Range(0, TaskIndexKey.Parts).Select(NamesAsync));
        int tasks = names.Sum(part => part.Length);
        await CommitAsync(
            state => state?.PriorVersion >= priorVersion ? state : new RenewalState { PriorVersion = priorVersion, Tasks = tasks }, cancellationToken);
        TakeUp();
    }

    public Task<RenewalDescription?> DescribeAsync(CancellationToken cancellationToken) => Task.FromResult(_seen?.Describe());

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_state.Current is null or { IsDone: true } && await this.GetReminder(Reminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _write.Dispose();
    }

    private void TakeUp()
    {
        if (_state.Current is { IsDone: false } && _running is null or { IsCompleted: true })
        {
            _running = RunAsync();
        }
    }

    // Never throws; what it could not do is done when it is taken up again.
    private async Task RunAsync()
    {
        await Task.Yield();
        RequestContext.Clear();
        while (!_stop.IsCancellationRequested && _state.Current is { IsDone: false })
        {
            try
            {
                await WalkAsync(_state.Current);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                break;
            }
            catch (InconsistentStateException error)
            {
                // Another activation has written since this one read: it goes on.
                logger.Retries(_key.ToString(), error.Message);
                DeactivateOnIdle();
                break;
            }
            catch (Exception error) when (error is OrleansException or TimeoutException or AdaptException)
            {
                logger.Retries(_key.ToString(), error.Message);
                await Settled(Task.Delay(s_retry, clock, _stop.Token));
            }
        }
    }

    // To the end, or to where a newer version takes its place.
    private async Task WalkAsync(RenewalState state)
    {
        logger.Begins(_key.ToString(), state.Tasks, state.PriorVersion, state.Part);
        long written = clock.GetTimestamp();
        for (; state.Part < TaskIndexKey.Parts; state = state with { Part = state.Part + 1, After = string.Empty })
        {
            string after = state.After;
            foreach (string[] some in (await NamesAsync(state.Part)).Where(name => string.CompareOrdinal(name, after) > 0).Chunk(Concurrency))
            {
                _stop.Token.ThrowIfCancellationRequested();
                int version = state.PriorVersion;
                RenewalOutcome[] outcomes = await Task.WhenAll(some.Select(name => renewal.RunAsync(_key, name, version, _stop.Token)));
                state = outcomes.Aggregate(state, (before, outcome) => before.With(outcome)) with { After = some[^1] };
                if (_state.Current!.PriorVersion > version)
                {
                    return;
                }

                _seen = state;
                if (clock.GetElapsedTime(written) >= options.Value.CheckpointPeriod)
                {
                    await WriteAsync(state);
                    written = clock.GetTimestamp();
                }
            }
        }

        await WriteAsync(state with { IsDone = true });
        logger.Ended(_key.ToString(), state.PriorVersion, state.Tasks, state.Renewed, state.Waiting, state.Failed);
    }

    private Task WriteAsync(RenewalState next) => CommitAsync(state => state!.PriorVersion > next.PriorVersion ? state : next, _stop.Token);

    private async Task CommitAsync(Func<RenewalState?, RenewalState> next, CancellationToken cancellationToken)
    {
        await _write.WaitAsync(cancellationToken);
        try
        {
            RenewalState state = next(_state.Current);
            if (state != _state.Current)
            {
                await _state.CommitAsync(state, cancellationToken);
                _seen = state;
            }
        }
        finally
        {
            _write.Release();
        }
    }

    private async Task<ImmutableArray<string>> NamesAsync(int part) =>
        await GrainFactory.GetGrain<ITaskIndexGrain>(new TaskIndexKey(_key, part).ToString()).ListAsync(CancellationToken.None);

    private static async Task Settled(Task? task) =>
        await (task ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
