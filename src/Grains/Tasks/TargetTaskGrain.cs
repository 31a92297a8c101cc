using AdaptCluster.Grains.Admission;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tenants;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Tasks;

/// <inheritdoc cref="ITargetTaskGrain"/>
/// <remarks>
/// One change at a time; predictions and descriptions interleave and see what is durable. Every transition is written
/// before it is acted on.
/// </remarks>
[Admitted]
internal sealed class TargetTaskGrain(
    [PersistentState("task", GrainStorage.Name)] IPersistentState<Stored<TargetTaskState>> storage,
    ObservationStore observations,
    PosteriorRun posteriors,
    PredictionRun predictions,
    TaskSolves solves,
    DiagnosisRun diagnoses,
    TenantQuotas quotas,
    AdaptInstruments instruments,
    TimeProvider clock) : Grain, ITargetTaskGrain
{
    private DurableState<TargetTaskState> _state = null!;
    private TaskKey _key = null!;
    private TaskAttempts _attempts = null!;
    private TaskListing _listing = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = TaskKey.Parse(this.GetPrimaryKeyString());
        _state = new DurableState<TargetTaskState>(storage);
        _listing = new TaskListing(GrainFactory, _key);
        _attempts = new TaskAttempts(_key, CommitAsync, () => _state.Current);
        await _attempts.TakeUpAsync(_state.Current, cancellationToken);
    }

    public async Task<ObserveReceipt> ObserveAsync(ObservationBatch batch, CancellationToken cancellationToken)
    {
        TargetTaskState current = ExistingOrNew();
        SourceDescription source = await SourceAsync(cancellationToken);
        bool added = ObservationStore.IsNew(current, batch, source);
        TargetTaskState next = added ? await AddAsync(current, batch, cancellationToken) : current;
        if (added)
        {
            await CommitAsync(next, cancellationToken);
        }

        return new ObserveReceipt(added, next.Observations);
    }

    public Task<int> CountUploadedAsync(string upload, CancellationToken cancellationToken) => Task.FromResult(_state.Current?.RowsOf(upload) ?? 0);

    public Task<TaskDescription> AdaptAsync(ObservationBatch? batch, AdaptOptions? options, CancellationToken cancellationToken) =>
        AdaptAsync(batch, options, inBackground: false, cancellationToken);

    public async Task<TaskDescription> RenewAsync(int priorVersion, CancellationToken cancellationToken) => Existing().IsOutdated(priorVersion)
        ? await AdaptAsync(null, null, inBackground: true, cancellationToken)
        : Describe(Existing());

    private async Task<TaskDescription> AdaptAsync(ObservationBatch? batch, AdaptOptions? options, bool inBackground, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        using var activity = AdaptInstruments.Activities.StartActivity("adapt task");
        activity?.SetTag("adapt.task", _key.ToString());
        SourceDescription source = await SourceAsync(cancellationToken);
        PriorDescription prior = RequiredPrior.Of(source);
        TargetTaskState state = ExistingOrNew();
        bool added = batch is not null && ObservationStore.IsNew(state, batch, source);
        if (state.Solve is { } running)
        {
            return await JoinAsync(state, running, added ? batch : null, cancellationToken);
        }

        if (!added && state.IsCurrent(prior.Version))
        {
            return Describe(state);
        }

        // Before the rows are stored: a call that is refused leaves nothing behind.
        int rows = state.Observations + (added ? batch!.Inputs.Shape[0] : 0);
        PosteriorRun.RequireSolvable(_key, rows);
        TaskPlan plan = await solves.PlanAsync(_key, source, prior, rows, options, cancellationToken);
        state = added ? await AddAsync(state, batch!, cancellationToken) : state;
        if (plan.Solve is { } solve)
        {
            activity?.SetTag("adapt.plan", solve.Name);
            return await BeginSolveAsync(state, source, prior, solve, cancellationToken);
        }

        string? replaced = state.Posterior?.SolvedHash;
        using IDisposable? held = await quotas.HoldAsync(_key, cancellationToken);
        state = await _attempts.BeginAsync(state, cancellationToken);
        StoredPosterior posterior = await SolveAsync(state, source, prior, new DirectSolve(plan.IsRefined, inBackground), cancellationToken);
        await CommitAsync(state with { Status = TargetTaskStatus.Ready, Posterior = posterior, Attempts = 0, Failure = null }, CancellationToken.None);
        await DeleteReplacedAsync(replaced);
        instruments.Adapted(clock.GetElapsedTime(started), "ready");
        activity?.SetTag("adapt.rows", posterior.Description.Observations);
        activity?.SetTag("adapt.space", posterior.Description.Space);
        activity?.SetTag("adapt.version", posterior.Description.Version);
        return Describe(_state.Current!);
    }

    public async Task<PredictionResult> PredictAsync(PredictionRequest request, CancellationToken cancellationToken)
    {
        TargetTaskState state = Existing();
        StoredPosterior posterior = PosteriorOf(state);
        using var activity = AdaptInstruments.Activities.StartActivity("predict");
        activity?.SetTag("adapt.task", _key.ToString());
        PredictionResult result;
        try
        {
            result = await predictions.PredictAsync(_key, state, posterior, request, cancellationToken);
        }
        catch (StoreException) when (_state.Current?.Posterior is { } newer && newer.SolvedHash != posterior.SolvedHash)
        {
            // A newer version has taken its place meanwhile, and its file.
            result = await predictions.PredictAsync(_key, _state.Current, newer, request, cancellationToken);
        }

        instruments.Predicted(request.Inputs.Shape[0]);
        return result;
    }

    public async Task<PlanExplanation> ExplainAsync(AdaptOptions? options, CancellationToken cancellationToken)
    {
        TargetTaskState state = Existing();
        SourceDescription source = await SourceAsync(cancellationToken);
        return await solves.ExplainAsync(source, RequiredPrior.Of(source), state.Observations, options, cancellationToken);
    }

    public async Task<RowsEvidence> WeighAsync(ObservationBatch rows, CancellationToken cancellationToken)
    {
        SourceDescription source = await SourceAsync(cancellationToken);
        ObservationStore.Check(rows, source);
        return await posteriors.WeighAsync(_key, rows, source, RequiredPrior.Of(source), cancellationToken);
    }

    public async Task<TaskDiagnosis> DiagnoseAsync(CancellationToken cancellationToken)
    {
        TargetTaskState state = Existing();
        return await diagnoses.DiagnoseAsync(_key, state, PosteriorOf(state), await SourceAsync(cancellationToken), cancellationToken);
    }

    public async Task<TaskDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        TargetTaskState state = Existing();
        SolveDescription? solve = state.Solve is { } running ? await solves.DescribeAsync(_key, running, cancellationToken) : null;
        return Describe(_state.Current ?? state) with { Solve = solve };
    }

    public async Task<TaskDescription> CancelAsync(CancellationToken cancellationToken)
    {
        TargetTaskState state = Existing();
        if (state.Solve is { } running)
        {
            await solves.CancelAsync(_key, running, cancellationToken);
            await CommitAsync(state with { Status = TargetTaskStatus.Stale, Solve = null }, CancellationToken.None);
        }

        return Describe(_state.Current!);
    }

    public async Task<TaskDescription> ReleaseAsync(CancellationToken cancellationToken)
    {
        TargetTaskState state = Existing();
        if (state is { Attempts: > 0, Solve: null })
        {
            await CommitAsync(state with { Status = TargetTaskStatus.Stale, Attempts = 0, Failure = null }, cancellationToken);
        }

        return Describe(_state.Current!);
    }

    public async Task CompleteSolveAsync(SolveCompletion completion, CancellationToken cancellationToken)
    {
        if (_state.Current is not { Solve: { } running } state || running.Solve != completion.Solve)
        {
            // Told twice, or not waited for any more.
            await DeleteReplacedAsync(completion.Hash);
            return;
        }

        quotas.End(_key, completion.Solve);
        string? replaced = state.Posterior?.SolvedHash;
        PosteriorDescription description = completion.Posterior with { NoiseFactor = running.NoiseFactor, ScaleFactor = running.ScaleFactor };
        var posterior = new StoredPosterior(description, running.Prior, running.ModelHash, completion.Hash);
        bool isCurrent = completion.Posterior.Observations == state.Observations;
        await CommitAsync(
            state with
            {
                Status = isCurrent ? TargetTaskStatus.Ready : TargetTaskStatus.Stale,
                Posterior = posterior,
                Attempts = 0,
                Failure = null,
                Solve = null,
            },
            CancellationToken.None);
        await DeleteReplacedAsync(replaced);
        instruments.Adapted(TimeSpan.FromSeconds(completion.Posterior.Solve?.Seconds ?? 0), "ready");
    }

    public async Task FailSolveAsync(SolveFailure failure, CancellationToken cancellationToken)
    {
        if (_state.Current is not { Solve: { } running } state || running.Solve != failure.Solve)
        {
            return;
        }

        quotas.End(_key, failure.Solve);
        TargetTaskStatus status = failure.Attempts > 0 ? TargetTaskStatus.Quarantined : TargetTaskStatus.Failed;
        await CommitAsync(state with { Status = status, Attempts = failure.Attempts, Failure = failure.Reason, Solve = null }, CancellationToken.None);
        instruments.Adapted(TimeSpan.Zero, status.ToString().ToLowerInvariant());
    }

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        TargetTaskState state = Existing();
        if (state.Solve is { } running)
        {
            await solves.CancelAsync(_key, running, cancellationToken);
        }

        await _state.ClearAsync(cancellationToken);
        if (state.Solve is not null || state.Posterior?.SolvedHash is not null)
        {
            await solves.DeleteAllAsync(_key, cancellationToken);
        }

        await observations.DeleteAsync(_key, state.Batches, cancellationToken);
        await _listing.RemoveAsync(cancellationToken);
        await quotas.RemoveAsync(_key, state.Batches.Sum(batch => batch.Bytes));
    }

    private Task<SourceDescription> SourceAsync(CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<ISourceTaskGrain>(_key.SourceKey.ToString()).DescribeAsync(cancellationToken);

    /// <summary>The state with a batch added; large numbers are durable on return, the state is not committed.</summary>
    private async Task<TargetTaskState> AddAsync(TargetTaskState state, ObservationBatch batch, CancellationToken cancellationToken)
    {
        await quotas.AddAsync(_key, _state.Current is null, batch.Bytes, cancellationToken);
        StoredBatch stored = await observations.StoreAsync(_key, state.Batches, batch, cancellationToken);
        instruments.Observed(stored.Rows);
        TargetTaskStatus status = state.Solve is not null ? TargetTaskStatus.Solving : state.Status == TargetTaskStatus.Quarantined ? state.Status : TargetTaskStatus.Stale;
        return state with { Status = status, Batches = state.Batches.Add(stored) };
    }

    /// <summary>While a solve runs, new rows wait for the next; the caller learns where this one stands.</summary>
    private async Task<TaskDescription> JoinAsync(TargetTaskState state, RunningSolve running, ObservationBatch? batch, CancellationToken cancellationToken)
    {
        if (batch is not null)
        {
            state = await AddAsync(state, batch, cancellationToken);
            await CommitAsync(state, cancellationToken);
        }

        await solves.StartAsync(_key, state, running, cancellationToken);
        return Describe(state) with { Solve = await solves.DescribeAsync(_key, running, cancellationToken) };
    }

    /// <summary>Writes what is to be computed, then has it begun: if this silo dies in between, the next call has it begun.</summary>
    private async Task<TaskDescription> BeginSolveAsync(
        TargetTaskState state, SourceDescription source, PriorDescription prior, SolvePlanDescription plan, CancellationToken cancellationToken)
    {
        await _attempts.RefuseQuarantinedAsync(state, cancellationToken);
        TaskFactors? factors = await posteriors.FindFactorsAsync(_key, state, source, prior, cancellationToken);
        var running = new RunningSolve(
            Guid.NewGuid(),
            (state.Posterior?.Description.Version ?? 0) + 1,
            state.Batches.Length,
            prior with { Fit = null, BlockNames = [] },
            source.ModelHash,
            plan,
            factors?.Noise,
            factors?.Scale);
        state = state with { Status = TargetTaskStatus.Solving, Solve = running, Failure = null };
        await CommitAsync(state, cancellationToken);
        return await JoinAsync(state, running, null, cancellationToken);
    }

    private Task DeleteReplacedAsync(string? hash) => hash is null || hash == _state.Current?.Posterior?.SolvedHash
        ? Task.CompletedTask
        : solves.DeleteAsync(_key, hash);

    private async Task<StoredPosterior> SolveAsync(
        TargetTaskState state, SourceDescription source, PriorDescription prior, DirectSolve how, CancellationToken cancellationToken)
    {
        try
        {
            return await posteriors.SolveAsync(_key, state, source, prior, how, cancellationToken);
        }
        catch (Exception error) when (error is OperationCanceledException or (AdaptException and not AdaptationFailedException))
        {
            // Given up or put off, not failed: the silo is alive, so the attempt does not count.
            await CommitAsync(state with { Status = TargetTaskStatus.Stale, Attempts = state.Attempts - 1 }, CancellationToken.None);
            throw;
        }
        catch (Exception error)
        {
            await CommitAsync(state with { Status = TargetTaskStatus.Failed, Attempts = 0, Failure = error.Message }, CancellationToken.None);
            throw;
        }
    }

    private StoredPosterior PosteriorOf(TargetTaskState state) =>
        state.Posterior ?? throw new NotFoundException("posterior of task", _key.Task, "adapt the task first");

    private TargetTaskState Existing() => _state.Current
        ?? throw new NotFoundException("task", _key.Task, $"'adapt tasks list --source {_key.Source}' shows those there are");

    private TargetTaskState ExistingOrNew() => _state.Current ?? new TargetTaskState { Incarnation = Guid.NewGuid() };

    private async Task CommitAsync(TargetTaskState next, CancellationToken cancellationToken)
    {
        // The name beside the write: neither waits for the other.
        await Task.WhenAll(_listing.EnsureAsync(_state.Current, cancellationToken), _state.CommitAsync(next, cancellationToken));
        _attempts.Committed(next);
        instruments.TaskTransition(next.Status.ToString());
    }

    private TaskDescription Describe(TargetTaskState state) => state.Describe(_key);
}
