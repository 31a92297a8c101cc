using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Models;
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
    PriorFitRun priorFit,
    ReferenceStore references,
    TimeProvider clock) : Grain, ISourceTaskGrain
{
    private const int ExportPartBytes = 1 << 20;

    private DurableState<SourceTaskState> _state = null!;
    private SourceKey _key = null!;
    private string? _running;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = SourceKey.Parse(this.GetPrimaryKeyString());
        _state = new DurableState<SourceTaskState>(storage);
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
        await using StagedParts parts = staged.Of(request.Data);
        SourceDescription source = Registered().Description;
        using IDisposable turn = Begin("a fit of its prior");
        SourceModel model = await models.LoadAsync(source.ModelHash, cancellationToken);
        await foreach (PriorFitUpdate update in priorFit.RunAsync(source, model, request, cancellationToken))
        {
            yield return update.Prior is null ? update : update with { Prior = await AdoptAsync(update.Prior, cancellationToken) };
        }
    }

    public async Task<PriorDescription> SetPriorAsync(PriorSetting setting, CancellationToken cancellationToken)
    {
        SourceTaskState state = Registered();

        // The steps of a fit interleave with calls: without taking turns, two priors could become the same version.
        using IDisposable turn = Begin("a change of its prior");
        SourceModel model = await models.LoadAsync(state.Description.ModelHash, cancellationToken);
        return await AdoptAsync(PriorMapping.ByHand(model.Spec, setting, state.ValidationVariance), cancellationToken);
    }

    public Task<SourceDescription> DescribeAsync(CancellationToken cancellationToken) => Task.FromResult(Registered().Description);

    private async Task<PriorDescription> AdoptAsync(PriorDescription prior, CancellationToken cancellationToken)
    {
        SourceTaskState state = Registered();
        PriorDescription next = prior with { Version = (state.Description.Prior?.Version ?? 0) + 1 };
        await _state.CommitAsync(state with { Description = state.Description with { Prior = next } }, cancellationToken);
        return next;
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
        await _state.CommitAsync(
            new SourceTaskState { Description = description, ValidationVariance = trained?.ValidationVariance }, cancellationToken);
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
