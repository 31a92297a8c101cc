using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Solves;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;

namespace AdaptCluster.Grains.PriorFits;

/// <inheritdoc cref="IEvidencePartGrain"/>
/// <remarks>
/// Calls interleave; between two awaits the state is consistent. An answer is a function of order and question, so it does not matter who asks: while the
/// cluster is of two minds, two fits of the same name get the same numbers.
/// </remarks>
[Reentrant, Immovable]
internal sealed class EvidencePartGrain(PriorFitServices services, ILocalSiloDetails silo, ILogger<EvidencePartGrain> logger) : Grain, IEvidencePartGrain, IDisposable
{
    private readonly ShardInbox _inbox = new();
    private CancellationTokenSource _life = new();
    private CancellationTokenSource _asking = new();
    private Task<ResidentEvidence>? _resident;
    private Task<byte[]>? _answer;
    private Task? _releasing;
    private long? _question;
    private int _tasksDone;
    private int _partBytes;
    private long _lastUse;

    private string Key => this.GetPrimaryKeyString();

    private TimeSpan IdleRelease => services.Shards.Options.Value.IdleRelease;

    private TimeProvider Clock => services.Shards.Clock;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Touch();
        this.RegisterGrainTimer(ReleaseIfIdleAsync, new GrainTimerCreationOptions(IdleRelease / 4, IdleRelease / 4) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => FreeAsync();

    public async Task<EvidencePartLoaded> LoadAsync(EvidencePartOrder order, CancellationToken cancellationToken)
    {
        Touch();
        await (_releasing ?? Task.CompletedTask);
        _partBytes = order.PartBytes;
        if (_resident is null or { IsFaulted: true } or { IsCanceled: true })
        {
            _resident = ResidentEvidence.LoadAsync(Key, order, services, _life.Token);
        }

        Task<ResidentEvidence> loading = _resident;
        bool isLoaded = await IsDoneAsync(loading, order.Patience);
        if (isLoaded)
        {
            await loading;
        }

        return new EvidencePartLoaded(isLoaded, silo.SiloAddress.ToParsableString());
    }

    public async Task<EvidenceReply> AskAsync(EvidenceQuestion question, CancellationToken cancellationToken)
    {
        Touch();
        try
        {
            if (_resident is not { IsCompletedSuccessfully: true })
            {
                return EvidenceReply.Of(ShardReplyStatus.NotLoaded);
            }

            if (question.Question != _question)
            {
                if (_inbox.Add(question.Question, question.Part, question.Parts, question.Payload) is not { } payload)
                {
                    return EvidenceReply.Of(question.Part == question.Parts - 1 ? ShardReplyStatus.Incomplete : ShardReplyStatus.Accepted);
                }

                Begin(question.Question, payload);
            }

            return await ReplyAsync(0, question.Patience);
        }
        finally
        {
            question.Payload.Release();
        }
    }

    public async Task<EvidenceReply> FetchAsync(long question, int part, TimeSpan patience, CancellationToken cancellationToken)
    {
        Touch();
        return _resident is not { IsCompletedSuccessfully: true } ? EvidenceReply.Of(ShardReplyStatus.NotLoaded)
            : question != _question ? EvidenceReply.Of(ShardReplyStatus.Incomplete)
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
        _asking.Dispose();
        _life.Dispose();
    }

    private void Begin(long question, byte[] payload)
    {
        _asking.Cancel();
        _asking.Dispose();
        _asking = CancellationTokenSource.CreateLinkedTokenSource(_life.Token);
        _question = question;
        _tasksDone = 0;
        _answer = ComputeAsync(_answer, _resident!.Result, payload, _asking.Token);
    }

    private async Task<byte[]> ComputeAsync(Task? before, ResidentEvidence resident, byte[] question, CancellationToken cancellationToken)
    {
        await Settled(before);
        return await resident.AnswerAsync(question, done => _tasksDone = done, cancellationToken);
    }

    private async Task<EvidenceReply> ReplyAsync(int part, TimeSpan patience)
    {
        Task<byte[]> computing = _answer!;
        if (!await IsDoneAsync(computing, patience))
        {
            return EvidenceReply.Of(ShardReplyStatus.Working, _tasksDone);
        }

        if (computing.IsCanceled)
        {
            return EvidenceReply.Of(ShardReplyStatus.NotLoaded);
        }

        byte[] answer = await computing;
        Touch();
        int parts = Math.Max(1, (answer.Length + _partBytes - 1) / _partBytes);
        int start = Math.Min(part * _partBytes, answer.Length);
        var payload = SolvePayload.Of(answer.AsMemory(start, Math.Min(_partBytes, answer.Length - start)));
        return new EvidenceReply(ShardReplyStatus.Answered, parts, answer.Length, _tasksDone, payload);
    }

    private Task FreeAsync() => _releasing is { IsCompleted: false } ? _releasing : _releasing = FreeOnceAsync();

    private async Task FreeOnceAsync()
    {
        CancellationTokenSource life = _life;
        _life = new CancellationTokenSource();
        await life.CancelAsync();
        await _asking.CancelAsync();
        await Settled(_answer);
        (_answer, _question) = (null, null);
        Task<ResidentEvidence>? loaded = _resident;
        _resident = null;
        await Settled(loaded);
        if (loaded is { IsCompletedSuccessfully: true })
        {
            await loaded.Result.DisposeAsync();
        }

        life.Dispose();
    }

    private async Task ReleaseIfIdleAsync(CancellationToken cancellationToken)
    {
        TimeSpan idle = Clock.GetElapsedTime(_lastUse);
        if (idle > IdleRelease && _answer is null or { IsCompleted: true })
        {
            logger.PartIdle(Key, idle.TotalSeconds);
            await ReleaseAsync(cancellationToken);
        }
    }

    private void Touch() => _lastUse = Clock.GetTimestamp();

    private async Task<bool> IsDoneAsync(Task task, TimeSpan patience)
    {
        if (!task.IsCompleted)
        {
            using var stop = new CancellationTokenSource();
            await Task.WhenAny(task, Task.Delay(patience, Clock, stop.Token));
            await stop.CancelAsync();
        }

        return task.IsCompleted;
    }

    private static async Task Settled(Task? task) =>
        await (task ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
