using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Numerics.Solves;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace AdaptCluster.Grains.Solves;

/// <inheritdoc cref="IJacobianShardGrain"/>
/// <remarks>
/// Calls interleave; between two awaits the state is consistent. One question at a time is computed, and its answer is kept
/// until the next question, so that a reply that was lost is found again.
/// </remarks>
[Reentrant, Immovable]
internal sealed class JacobianShardGrain(ShardServices services, ILocalSiloDetails silo, ILogger<JacobianShardGrain> logger) : Grain, IJacobianShardGrain, IDisposable
{
    private readonly ShardInbox _inbox = new();
    private CancellationTokenSource _life = new();
    private CancellationTokenSource _question = new();
    private Task<ResidentShard?>? _shard;
    private Task<ShardAnswer>? _answer;
    private Task? _releasing;
    private long _session = -1;
    private long _sequence = -1;
    private int _partBytes;
    private long _lastUse;

    private string Key => this.GetPrimaryKeyString();

    private TimeSpan IdleRelease => services.Options.Value.IdleRelease;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _lastUse = services.Clock.GetTimestamp();
        this.RegisterGrainTimer(ReleaseIfIdleAsync, new GrainTimerCreationOptions(IdleRelease / 4, IdleRelease / 4) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => FreeAsync();

    public async Task<ShardLoaded> LoadAsync(ShardOrder order, CancellationToken cancellationToken)
    {
        Touch();
        if (order.Session < _session)
        {
            return Loaded(ShardLoadStatus.Superseded, order);
        }

        await (_releasing ?? Task.CompletedTask);
        if (order.Session > _session)
        {
            // Another coordinator: what is loaded is the same, what was asked is not.
            _session = order.Session;
            _partBytes = order.PartBytes;
            await AbandonAsync();
        }

        if (_shard is null or { IsFaulted: true } or { IsCanceled: true } or { IsCompletedSuccessfully: true, Result: null })
        {
            _shard = LoadOnceAsync(order, _life.Token);
        }

        Task<ResidentShard?> loading = _shard;
        if (!await IsDoneAsync(loading, order.Patience))
        {
            return Loaded(ShardLoadStatus.Loading, order);
        }

        bool fits = order.Order.Plan.ShardBytes <= services.Memory.TotalBytes;
        return Loaded(
            await loading is not null ? ShardLoadStatus.Loaded : fits ? ShardLoadStatus.NoRoomNow : ShardLoadStatus.NoRoomEver, order);
    }

    public async Task<ShardReply> AskAsync(ShardQuestionMessage question, CancellationToken cancellationToken)
    {
        Touch();
        try
        {
            if (Refusal(question.Session, question.Sequence) is { } refusal)
            {
                return ShardReply.Of(refusal);
            }

            if (question.Sequence > _sequence)
            {
                if (_inbox.Add(question.Sequence, question.Part, question.Parts, question.Payload) is not { } payload)
                {
                    return ShardReply.Of(question.Part == question.Parts - 1 ? ShardReplyStatus.Incomplete : ShardReplyStatus.Accepted);
                }

                Begin(question, payload);
            }

            return question.Part < question.Parts - 1
                ? ShardReply.Of(ShardReplyStatus.Accepted)
                : await ReplyAsync(0, question.Patience);
        }
        finally
        {
            question.Payload.Release();
        }
    }

    public async Task<ShardReply> FetchAsync(long session, long sequence, int part, TimeSpan patience, CancellationToken cancellationToken)
    {
        Touch();
        return Refusal(session, sequence) is { } refusal ? ShardReply.Of(refusal)
            : sequence > _sequence ? ShardReply.Of(ShardReplyStatus.Incomplete)
            : await ReplyAsync(part, patience);
    }

    public Task KeepAsync(CancellationToken cancellationToken)
    {
        Touch();
        return Task.CompletedTask;
    }

    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await FreeAsync();
        DeactivateOnIdle();
    }

    public void Dispose()
    {
        _question.Dispose();
        _life.Dispose();
    }

    private ShardReplyStatus? Refusal(long session, long sequence) =>
        session < _session ? ShardReplyStatus.Superseded
        : session > _session || _shard is not { IsCompletedSuccessfully: true, Result: not null } ? ShardReplyStatus.NotLoaded
        : sequence < _sequence ? ShardReplyStatus.Stale
        : null;

    private void Begin(ShardQuestionMessage question, byte[] payload)
    {
        // One that is not awaited any more: the same coordinator asks on only when it has an answer.
        _question.Cancel();
        _question.Dispose();
        _question = CancellationTokenSource.CreateLinkedTokenSource(_life.Token);
        _sequence = question.Sequence;
        var request = new ShardRequest(
            (ShardQuestion)question.Question, question.Columns, question.Start, question.Count, (ProductPrecision)question.Precision, payload);
        _answer = ComputeAsync(_answer, request, _question.Token);
    }

    private async Task<ShardAnswer> ComputeAsync(Task? before, ShardRequest request, CancellationToken cancellationToken)
    {
        await Settled(before);
        return await _shard!.Result!.AnswerAsync(request, cancellationToken);
    }

    private async Task<ShardReply> ReplyAsync(int part, TimeSpan patience)
    {
        Task<ShardAnswer> computing = _answer!;
        if (!await IsDoneAsync(computing, patience))
        {
            return ShardReply.Of(ShardReplyStatus.Working);
        }

        if (computing.IsCanceled)
        {
            return ShardReply.Of(ShardReplyStatus.NotLoaded);
        }

        ShardAnswer answer = await computing;
        Touch();
        int parts = Math.Max(1, (answer.Bytes.Length + _partBytes - 1) / _partBytes);
        int start = Math.Min(part * _partBytes, answer.Bytes.Length);
        var payload = SolvePayload.Of(answer.Bytes.AsMemory(start, Math.Min(_partBytes, answer.Bytes.Length - start)));
        return new ShardReply(ShardReplyStatus.Answered, parts, answer.Bytes.Length, answer.Device.TotalMilliseconds, payload);
    }

    private async Task<ResidentShard?> LoadOnceAsync(ShardOrder order, CancellationToken cancellationToken)
    {
        if (services.Memory.TryReserve(order.Order.Plan.ShardBytes) is not { } reservation)
        {
            return null;
        }

        ResidentShard shard = await ResidentShard.LoadAsync(Key, order, reservation, services, cancellationToken);
        logger.ShardLoaded(Key, order.Order.Plan.ShardBytes, services.Memory.TotalBytes - services.Memory.FreeBytes);
        return shard;
    }

    // What was computed for an earlier session, kept or under way, is of no use.
    private async Task AbandonAsync()
    {
        await _question.CancelAsync();
        await Settled(_answer);
        _answer = null;
        _sequence = -1;
    }

    private Task FreeAsync() => _releasing is { IsCompleted: false } ? _releasing : _releasing = FreeOnceAsync();

    private async Task FreeOnceAsync()
    {
        CancellationTokenSource life = _life;
        _life = new CancellationTokenSource();
        await life.CancelAsync();
        await AbandonAsync();
        Task<ResidentShard?>? loaded = _shard;
        _shard = null;
        await Settled(loaded);
        if (loaded is { IsCompletedSuccessfully: true, Result: { } shard })
        {
            await shard.DisposeAsync();
        }

        life.Dispose();
    }

    private async Task ReleaseIfIdleAsync(CancellationToken cancellationToken)
    {
        TimeSpan idle = services.Clock.GetElapsedTime(_lastUse);
        if (idle > IdleRelease && _answer is null or { IsCompleted: true })
        {
            logger.ShardIdle(Key, idle.TotalSeconds);
            await ReleaseAsync(cancellationToken);
        }
    }

    private void Touch() => _lastUse = services.Clock.GetTimestamp();

    private ShardLoaded Loaded(ShardLoadStatus status, ShardOrder order) => new(
        status, silo.SiloAddress.ToParsableString(), order.Order.Plan.ShardBytes, services.Memory.FreeBytes, services.Memory.TotalBytes);

    private async Task<bool> IsDoneAsync(Task task, TimeSpan patience)
    {
        if (!task.IsCompleted)
        {
            using var stop = new CancellationTokenSource();
            await Task.WhenAny(task, Task.Delay(patience, services.Clock, stop.Token));
            await stop.CancelAsync();
        }

        return task.IsCompleted;
    }

    private static async Task Settled(Task? task) =>
        await (task ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
