using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Renewals;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.PriorFits;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Sources;

/// <inheritdoc cref="ISourceTaskGrain"/>
internal sealed class SourceTaskGrain(
    [PersistentState("source", GrainStorage.Name)] IPersistentState<Stored<SourceTaskState>> storage,
    SourceModelStore models,
    StagedRows staged,
    StagedFiles stagedFiles,
    TrainingRun training,
    ImportRun import,
    SourcePriorFits priorFits,
    ReferenceStore references,
    TimeProvider clock) : Grain, ISourceTaskGrain, IDisposable
{
    private const int ExportPartBytes = 1 << 20;

    private readonly SemaphoreSlim _write = new(1);
    private DurableState<SourceTaskState> _state = null!;
    private SourceKey _key = null!;
    private string? _running;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = SourceKey.Parse(this.GetPrimaryKeyString());
        _state = new DurableState<SourceTaskState>(storage);

        // Whatever a silo that died could not say is said again.
        RenewAsync().Ignore();
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<TrainingUpdate> TrainAsync(
        TrainingRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using StagedParts parts = staged.Of(request.Data);
        ThrowIfRegistered();
        using IDisposable turn = Begin("a training");
        TrainedModel? trained = null;
        await foreach (TrainingStep step in training.RunAsync(request, cancellationToken))
        {
            trained = step.Trained ?? trained;
            if (step.Trained is null)
            {
                yield return new TrainingUpdate(step.Epoch, request.Epochs, step.TrainingLoss, step.ValidationLoss, null);
            }
        }

        SourceDescription description = await RegisterAsync(
            new ImportedSource(trained!.Model, request.Schema, request.Targets, IsPositional: false),
            trained,
            cancellationToken);
        yield return new TrainingUpdate(
            trained.Summary.Epochs, request.Epochs, trained.TrainingLoss, trained.ValidationVariance, description);
    }

    public Task<SourceDescription> RegisterAsync(SourceRegistration registration, CancellationToken cancellationToken)
    {
        SourceModel model = RegistrationChecks.ToModel(registration);
        return RegisterOnceAsync(new ImportedSource(model, registration.Schema, registration.Targets, IsPositional: false), cancellationToken);
    }

    public async Task<SourceDescription> ImportAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        await using StagedParts parts = stagedFiles.Of(request.Model);
        ImportedSource source = await import.RunAsync(request, cancellationToken);
        return await RegisterOnceAsync(source, cancellationToken);
    }

    public async IAsyncEnumerable<TensorPayload> ExportAsync(SourceFormat format, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SourceDescription source = Registered().Description;
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        byte[] file = await Task.Run(() => ModelFileWriter.Write(model, source, format), cancellationToken);
        for (int start = 0; start < file.Length; start += ExportPartBytes)
        {
            yield return TensorPayload.FromBytes(file.AsSpan(start, Math.Min(ExportPartBytes, file.Length - start)).ToArray());
        }
    }

    public async IAsyncEnumerable<PriorFitUpdate> FitPriorAsync(
        PriorFitRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Guid fit = await BeginFitAsync(request, cancellationToken);
        while (_state.Current!.Fit is { } running && running.Fit == fit)
        {
            await foreach (PriorFitUpdate update in priorFits.WatchAsync(_key, fit, cancellationToken))
            {
                yield return update;
            }

            if (_state.Current!.Fit?.Fit == fit && !await priorFits.IsUnderWayAsync(_key, running, cancellationToken))
            {
                break;
            }
        }

        PriorFitEnd? end = _state.Current!.LastFit is { } last && last.Fit == fit ? last : null;
        PriorDescription prior = end?.Prior ?? throw end?.Error ?? new AdaptationFailedException("the fit of the prior was lost; fit it again.");
        int tasks = request.Data.RowsPerTask.Length;
        yield return new PriorFitUpdate(prior.Fit!.Evaluations, tasks, tasks, prior.Fit.LogEvidencePerRow, prior);
    }

    public async Task<bool> CancelPriorFitAsync(Guid? fit, CancellationToken cancellationToken)
    {
        if (Registered().Fit is not { } running || (fit is not null && running.Fit != fit))
        {
            return false;
        }

        // The record first: who waits for the fit finds here why it ended, and what it still sends is not waited for any more.
        var end = new PriorFitEnd(running.Fit, null, new AdaptationFailedException("the fit of the prior was cancelled; the prior in force stays."));
        await UpdateAsync(state => state!.Fit == running ? state with { Fit = null, LastFit = end } : state, cancellationToken);
        await priorFits.CancelAsync(_key, running, cancellationToken);
        return true;
    }

    public async Task EndPriorFitAsync(PriorFitEnd end, CancellationToken cancellationToken)
    {
        if (_state.Current?.Fit?.Fit == end.Fit)
        {
            await UpdateAsync(state => state!.Fit?.Fit != end.Fit ? state : state.After(end), CancellationToken.None);
            await RenewAsync();
        }
    }

    public async Task<PriorDescription> SetPriorAsync(PriorSetting setting, CancellationToken cancellationToken)
    {
        SourceTaskState state = Registered();

        // The steps of a fit interleave with calls: without taking turns, two priors could become the same version.
        using IDisposable turn = Begin("a change of its prior");
        await RefuseWhileFittedAsync(state, cancellationToken);
        SourceModel model = await models.LoadAsync(state.Description.ModelHash, cancellationToken);
        return await AdoptAsync(PriorMapping.ByHand(model.Spec, setting, state.ValidationVariance), cancellationToken);
    }

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellationToken) => Task.FromResult(Registered().Description);

    public void Dispose() => _write.Dispose();

    /// <summary>Joins the fit that a request asks for, or begins it.</summary>
    /// <returns>Which it is.</returns>
    private async Task<Guid> BeginFitAsync(PriorFitRequest request, CancellationToken cancellationToken)
    {
        request = request.Fit == Guid.Empty ? request with { Fit = Guid.NewGuid() } : request;
        try
        {
            SourceTaskState state = Registered();
            if (state.LastFit?.Fit == request.Fit)
            {
                await staged.Of(request.Data).DisposeAsync();
                return request.Fit;
            }

            long content = PriorFitMapping.ContentOf(request, state.Description.ModelHash);
            if (state.Fit is { } running && (running.Fit == request.Fit || running.Content == content) && await priorFits.IsUnderWayAsync(_key, running, cancellationToken))
            {
                await (running.Upload == request.Data.Upload ? ValueTask.CompletedTask : staged.Of(request.Data).DisposeAsync());
                return running.Fit;
            }

            using IDisposable turn = Begin("a fit of its prior");
            await RefuseWhileFittedAsync(_state.Current!, cancellationToken);

            // The record first: if this silo dies in between, a fit that was never begun is in nobody's way.
            PriorFitOrder order = await priorFits.OrderAsync(_key, state.Description, request, cancellationToken);
            await UpdateAsync(current => current! with { Fit = new RunningPriorFit(request.Fit, content, request.Data.Upload) }, cancellationToken);
            await priorFits.StartAsync(_key, order, cancellationToken);
            return request.Fit;
        }
        catch (AdaptException error) when (!error.IsRetryable)
        {
            // Not what another call has begun with, or is about to: a repeated call sends the same.
            if (_running is null && _state.Current?.Fit?.Upload != request.Data.Upload)
            {
                await staged.Of(request.Data).DisposeAsync();
            }

            throw;
        }
    }

    private async Task RefuseWhileFittedAsync(SourceTaskState state, CancellationToken cancellationToken)
    {
        if (state.Fit is { } running && await priorFits.IsUnderWayAsync(_key, running, cancellationToken))
        {
            throw new InvalidInputException($"source '{_key.Source}'", "a fit of its prior is under way", "wait until it ends, or cancel it");
        }
    }

    private async Task<PriorDescription> AdoptAsync(PriorDescription prior, CancellationToken cancellationToken)
    {
        Registered();
        SourceTaskState next = await UpdateAsync(state => state!.With(prior), cancellationToken);
        await RenewAsync();
        return next.Description.Prior!;
    }

    /// <summary>Has the tasks adapted to the prior, if it is not their first. The prior stands also where that cannot be begun now.</summary>
    private async Task RenewAsync()
    {
        try
        {
            if (_state.Current?.Description.Prior is { Version: > 1 } prior)
            {
                await GrainFactory.GetGrain<IRenewalGrain>(_key.ToString()).StartAsync(prior.Version, CancellationToken.None);
            }
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or AdaptException)
        {
            // It is begun when the source is activated again.
        }
    }

    /// <summary>Changes the durable state; one change at a time, from what the one before has written.</summary>
    private async Task<SourceTaskState> UpdateAsync(Func<SourceTaskState?, SourceTaskState> change, CancellationToken cancellationToken)
    {
        await _write.WaitAsync(cancellationToken);
        try
        {
            SourceTaskState next = change(_state.Current);
            if (next != _state.Current)
            {
                await _state.CommitAsync(next, cancellationToken);
            }

            return next;
        }
        finally
        {
            _write.Release();
        }
    }

    /// <summary>Registers a network under a name that is free, or holds the same already.</summary>
    private async Task<SourceDescription> RegisterOnceAsync(ImportedSource source, CancellationToken cancellationToken)
    {
        if (_state.Current?.Description is { } registered)
        {
            string hash = await Task.Run(() => SourceModelStore.HashOf(source.Model), cancellationToken);
            return IsSame(registered, source, hash) ? registered : throw new AlreadyExistsException("source", _key.Source);
        }

        using IDisposable turn = Begin("a registration");
        return await RegisterAsync(source, null, cancellationToken);
    }

    private static bool IsSame(SourceDescription registered, ImportedSource source, string hash) =>
        registered.ModelHash == hash
        && registered.IsPositional == source.IsPositional
        && registered.Targets.SequenceEqual(source.Targets)
        && registered.Schema.Columns.Length == source.Schema.Columns.Length
        && registered.Schema.Columns.Zip(source.Schema.Columns).All(pair => IsSame(pair.First, pair.Second));

    private static bool IsSame(InputColumn one, InputColumn other) =>
        one.Name == other.Name && one.Width == other.Width && one.IsIndex == other.IsIndex && one.IsCategorical == other.IsCategorical
        && (!one.IsCategorical || one.Categories.SequenceEqual(other.Categories));

    private async Task<SourceDescription> RegisterAsync(ImportedSource source, TrainedModel? trained, CancellationToken cancellationToken)
    {
        NetworkSpec spec = source.Model.Spec;
        var description = new SourceDescription
        {
            Name = _key.Source,
            Schema = source.Schema,
            Targets = source.Targets,
            Network = NetworkMapping.ToDescription(spec),
            Parameters = spec.ParameterCount,
            ModelHash = await models.SaveAsync(source.Model, cancellationToken),
            Registered = clock.GetUtcNow(),
            Training = trained?.Summary,
            ReferenceHash = trained is null ? null : await references.SaveAsync(trained.Data, cancellationToken),
            IsPositional = source.IsPositional,
            FrozenParameters = spec.FrozenCount,
            IndexBounds = spec.IndexBounds,
            AdaptedBlocks = [.. spec.Blocks.Select(block => block.Name)],
        };

        // The index first: a source that exists is always listed, and a listed name without a source is passed over.
        await GrainFactory.GetGrain<ISourceIndexGrain>(Uri.EscapeDataString(_key.Tenant)).AddAsync(_key.Source, cancellationToken);
        await UpdateAsync(_ => new SourceTaskState { Description = description, ValidationVariance = trained?.ValidationVariance }, cancellationToken);
        return description;
    }

    private SourceTaskState Registered() => _state.Current
        ?? throw new NotFoundException("source", _key.Source, "'adapt sources list' shows those there are");

    private void ThrowIfRegistered()
    {
        if (_state.Current is not null)
        {
            throw new AlreadyExistsException("source", _key.Source);
        }
    }

    /// <summary>Long operations of one source exclude each other; describing it does not wait for them.</summary>
    private Releaser Begin(string operation)
    {
        if (_running is not null)
        {
            throw new InvalidInputException($"source '{_key.Source}'", $"{_running} is under way", "wait until it ends");
        }

        _running = operation;
        return new Releaser(this);
    }

    private sealed class Releaser(SourceTaskGrain grain) : IDisposable
    {
        public void Dispose() => grain._running = null;
    }
}
