using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
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
    TrainingRun training,
    PriorFitRun priorFit,
    TimeProvider clock) : Grain, ISourceTaskGrain
{
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
            trained!.Model, request.Schema, [.. request.Targets], trained.Summary, trained.ValidationVariance, cancellationToken);
        yield return new TrainingUpdate(
            trained.Summary.Epochs, request.Epochs, trained.TrainingLoss, trained.ValidationVariance, description);
    }

    public async Task<SourceDescription> RegisterAsync(SourceRegistration registration, CancellationToken cancellationToken)
    {
        SourceModel model = RegistrationChecks.ToModel(registration);
        if (_state.Current?.Description is { } registered)
        {
            string hash = await models.SaveAsync(model, cancellationToken);
            return registered.ModelHash == hash ? registered : throw new AlreadyExistsException("source", _key.Source);
        }

        using IDisposable turn = Begin("a registration");
        return await RegisterAsync(model, registration.Schema, [.. registration.Targets], null, null, cancellationToken);
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

    private async Task<SourceDescription> RegisterAsync(
        SourceModel model,
        InputSchema schema,
        string[] targets,
        TrainingSummary? summary,
        double? validationVariance,
        CancellationToken cancellationToken)
    {
        var description = new SourceDescription
        {
            Name = _key.Source,
            Schema = schema,
            Targets = [.. targets],
            Network = NetworkMapping.ToDescription(model.Spec),
            Parameters = model.Spec.ParameterCount,
            ModelHash = await models.SaveAsync(model, cancellationToken),
            Registered = clock.GetUtcNow(),
            Training = summary,
        };

        // The index first: a source that exists is always listed, and a listed name without a source is passed over.
        await GrainFactory.GetGrain<ISourceIndexGrain>(Uri.EscapeDataString(_key.Tenant)).AddAsync(_key.Source, cancellationToken);
        await _state.CommitAsync(
            new SourceTaskState { Description = description, ValidationVariance = validationVariance }, cancellationToken);
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
