using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Panels;

/// <inheritdoc cref="IPanelGrain"/>
/// <remarks>
/// Blocks are solved beside the calls: a change of the state is made under a gate, from what is durable, and written before it is
/// acted on.
/// </remarks>
internal sealed class PanelGrain(
    [PersistentState("panel", GrainStorage.Name)] IPersistentState<Stored<PanelState>> storage,
    PanelStore store,
    PanelBlockRun blocks,
    PanelPredictions predictions,
    SourceModelStore models,
    StagedRows staged,
    AdaptInstruments instruments) : Grain, IPanelGrain, IDisposable
{
    /// <summary>After so many blocks that ended with their silo, the panel is left alone.</summary>
    private const int MaxAttempts = 3;

    /// <summary>A solve keeps its grain: asking is rare, and an idle grain would be let go of.</summary>
    private static readonly TimeSpan s_stay = TimeSpan.FromMinutes(10);

    private readonly PanelFeed _feed = new();
    private readonly SemaphoreSlim _gate = new(1);
    private DurableState<PanelState> _state = null!;
    private PanelKey _key = null!;
    private CancellationTokenSource? _solve;
    private Task _running = Task.CompletedTask;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = PanelKey.Parse(this.GetPrimaryKeyString());
        _state = new DurableState<PanelState>(storage);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => StopAsync();

    public void Dispose()
    {
        _gate.Dispose();
        _solve?.Dispose();
    }

    public async Task<PanelDescription> CreateAsync(StagedInputs inputs, CancellationToken cancellationToken)
    {
        await using StagedParts parts = staged.Of(inputs);
        SourceDescription source = await SourceAsync(cancellationToken);
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        NetworkSpec spec = model.Spec;
        PanelChecks.RequireSize(_key.Panel, inputs.Rows, spec.InputWidth, spec.Outputs);
        RowMatrix rows = await staged.ReadInputsAsync(inputs, spec, cancellationToken);
        if (_state.Current is { } panel)
        {
            return PanelStore.HashOf(rows) == panel.InputsHash ? Describe(panel) : throw new AlreadyExistsException("panel", _key.Panel);
        }

        // Memory does not depend on the prior's numbers: a panel that could never be solved is not begun.
        blocks.Plan(_key, spec, Prior.Uniform(spec, 1, 1), inputs.Rows);
        string hash = await store.StoreAsync(_key, rows, cancellationToken);
        return Describe(await UpdateAsync(_ => new PanelState { Incarnation = Guid.NewGuid(), InputsHash = hash, Inputs = inputs.Rows }, cancellationToken));
    }

    public async Task<PanelReceipt> ObserveAsync(PanelBatch batch, CancellationToken cancellationToken)
    {
        PanelState state = Existing();
        SourceDescription source = await SourceAsync(cancellationToken);
        int[] observed = PanelChecks.Require(batch, state, source.Targets.Length);
        byte[] file = PanelStore.FileOf(batch);
        if (state.Batches.Any(held => held.Id == batch.Id) || state.Holds(PanelStore.HashOf(file), batch.Targets))
        {
            return new PanelReceipt(false, state.Targets.Length);
        }

        // Batches are added here only, one call at a time: the number is free until it is written.
        int number = state.Batches.Length + 1;
        var stored = new StoredPanelBatch(batch.Id, number, await store.StoreAsync(_key, number, file, cancellationToken), IsKept: true);
        PanelState next = await UpdateAsync(current => current!.With(stored, batch.Targets, observed), cancellationToken);
        instruments.Observed(observed.Sum());
        return new PanelReceipt(true, next.Targets.Length);
    }

    public async Task<PanelDescription> AdaptAsync(CancellationToken cancellationToken)
    {
        PanelState state = Existing();
        SourceDescription source = await SourceAsync(cancellationToken);
        PriorDescription prior = RequiredPrior.Of(source);
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        blocks.Plan(_key, model.Spec, PriorMapping.ToPrior(prior), state.Inputs);

        // A solve that is under way takes up whatever is new when its block has ended.
        if (_solve is null && _state.Current!.Targets.Any(target => target.IsPending(prior.Version)))
        {
            await BeginAttemptAsync(cancellationToken);
            _solve = new CancellationTokenSource();
            _running = SolveAsync(_solve);
        }

        return Describe(_state.Current!);
    }

    public async IAsyncEnumerable<PanelProgress> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Existing();
        while (true)
        {
            Task changed = _feed.Changed;
            PanelProgress progress = _feed.Current;
            yield return progress;
            if (progress.Phase == PanelPhase.Idle)
            {
                yield break;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public async Task<PredictionResult> PredictAsync(string target, TensorPayload inputs, CancellationToken cancellationToken)
    {
        using var activity = AdaptInstruments.Activities.StartActivity("predict");
        activity?.SetTag("adapt.panel", _key.ToString());
        while (true)
        {
            PanelState state = Existing();
            StoredPanelPosterior posterior = PosteriorOf(Find(state, target));
            try
            {
                PredictionResult result = await predictions.PredictAsync(_key, state, posterior, inputs, cancellationToken);
                instruments.Predicted(inputs.Shape[0]);
                return result;
            }
            catch (StoreException) when (_state.Current?.Find(target)?.Posterior is { } newer && newer.Block != posterior.Block)
            {
                // Its block was let go of while it was read, because there is a newer one: that one answers.
            }
        }
    }

    public Task<PanelDescription> DescribeAsync(CancellationToken cancellationToken) => Task.FromResult(Describe(Existing()));

    public Task<PanelTargetDescription> DescribeTargetAsync(string target, CancellationToken cancellationToken) =>
        Task.FromResult(Find(Existing(), target).Describe());

    public Task<ImmutableArray<PanelTargetDescription>> ListTargetsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ImmutableArray.CreateRange(Existing().Targets, target => target.Describe()));

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        Existing();
        await StopAsync();
        await _state.ClearAsync(cancellationToken);
        await store.DeleteAsync(_key, cancellationToken);
    }

    private Task<SourceDescription> SourceAsync(CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<ISourceTaskGrain>(_key.SourceKey.ToString()).DescribeAsync(cancellationToken);

    /// <summary>Writes, before the attempt, that there is one: if it takes the silo down, it was counted.</summary>
    private async Task BeginAttemptAsync(CancellationToken cancellationToken)
    {
        if (_state.Current!.Attempts >= MaxAttempts)
        {
            throw new QuarantinedException(_key.Panel, _state.Current.Attempts, "panel");
        }

        await UpdateAsync(state => state! with { Attempts = state.Attempts + 1, Failure = null }, cancellationToken);
    }

    /// <summary>Block after block, until nothing is newer than its posterior. Begun with an attempt that is counted.</summary>
    private async Task SolveAsync(CancellationTokenSource solve)
    {
        try
        {
            while (true)
            {
                SourceDescription source = await SourceAsync(solve.Token);
                PanelState state = _state.Current!;
                int prior = RequiredPrior.Of(source).Version;
                ImmutableArray<StoredPanelTarget> pending = [.. state.Targets.Where(target => target.IsPending(prior))];
                if (pending.IsEmpty)
                {
                    // No turn of another call lies between this look and the end: what comes later begins anew.
                    return;
                }

                if (state.Attempts == 0)
                {
                    await BeginAttemptAsync(solve.Token);
                }

                PanelOutcome outcome = await blocks.RunAsync(_key, _state.Current!, pending, source, Report, solve.Token);
                await UpdateAsync(current => current!.With(outcome), CancellationToken.None);
                instruments.Adapted(TimeSpan.FromSeconds(outcome.Summary.Seconds), "panel");
                await LetGoAsync();
            }
        }
        catch (Exception error)
        {
            // Given up, not failed, when it was cancelled: the silo is alive, so in no case does the attempt count.
            bool isCancelled = error is OperationCanceledException && solve.IsCancellationRequested;
            await EndAttemptAsync(isCancelled ? null : error.Message);
        }
        finally
        {
            _solve = null;
            solve.Dispose();
            _feed.Report(new PanelProgress(PanelPhase.Idle, _state.Current?.LastSolve?.Block ?? 0, 0, 1, 0, 0));
        }
    }

    private async Task EndAttemptAsync(string? failure)
    {
        try
        {
            await UpdateAsync(state => state! with { Attempts = failure is null ? Math.Max(0, state.Attempts - 1) : 0, Failure = failure }, CancellationToken.None);
        }
        catch (StoreException)
        {
            // The attempt stays counted; the next change of the panel meets the same store and says so.
        }
    }

    /// <summary>Removes files that no target needs any more. Between blocks: nothing is being read for a solve.</summary>
    private async Task LetGoAsync()
    {
        try
        {
            await RemoveDeadAsync();
        }
        catch (Exception error) when (error is StoreException or IOException or UnauthorizedAccessException)
        {
            // They take room and harm nobody; the next block tries again.
        }
    }

    private async Task RemoveDeadAsync()
    {
        PanelState state = _state.Current!;
        ImmutableArray<StoredPanelBatch> batches = state.DeadBatches();
        ImmutableArray<StoredPanelBlock> dead = state.DeadBlocks();
        if (batches.IsEmpty && dead.IsEmpty)
        {
            return;
        }

        // Files first: if the silo dies in between, they are removed again.
        await Task.WhenAll([
            .. batches.Select(batch => store.DeleteBatchAsync(_key, batch, CancellationToken.None)),
            .. dead.Select(block => store.DeleteBlockAsync(_key, block, CancellationToken.None))]);
        HashSet<int> gone = [.. batches.Select(batch => batch.Number)];
        await UpdateAsync(
            current => current! with
            {
                Batches = [.. current.Batches.Select(batch => gone.Contains(batch.Number) ? batch with { IsKept = false } : batch)],
                Blocks = current.Blocks.RemoveRange(dead),
            },
            CancellationToken.None);
    }

    private void Report(PanelProgress progress)
    {
        DelayDeactivation(s_stay);
        _feed.Report(progress);
    }

    private async Task StopAsync()
    {
        if (_solve is not null)
        {
            await _solve.CancelAsync();
            await _running;
        }
    }

    /// <summary>Changes the durable state; one change at a time, from what the one before has written.</summary>
    private async Task<PanelState> UpdateAsync(Func<PanelState?, PanelState> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            PanelState next = change(_state.Current);
            await _state.CommitAsync(next, cancellationToken);
            return next;
        }
        finally
        {
            _gate.Release();
        }
    }

    private PanelState Existing() => _state.Current
        ?? throw new NotFoundException("panel", _key.Panel, $"'adapt panels adapt {_key.Source} {_key.Panel}' makes one");

    private StoredPanelTarget Find(PanelState state, string target) => state.Find(target)
        ?? throw new NotFoundException($"target of panel '{_key.Panel}'", target, $"'adapt panels show {_key.Source} {_key.Panel}' shows those there are");

    private static StoredPanelPosterior PosteriorOf(StoredPanelTarget target) => target.Posterior
        ?? throw new NotFoundException(
            "posterior of target", target.Name, target.Status == PanelTargetStatus.NotConverged ? $"it has {target.Failure!.Problem}" : "adapt the panel first");

    private PanelDescription Describe(PanelState state) =>
        PanelMapping.Describe(_key, state, isSolving: _solve is not null, isQuarantined: state.Attempts >= MaxAttempts);
}
