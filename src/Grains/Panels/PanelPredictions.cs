using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tasks;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Panels;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Panels;

/// <summary>Predictions from stored solutions: a block is put on the device once, and all of its targets are served from there.</summary>
internal sealed class PanelPredictions(DeviceLane lane, SourceModelStore models, PanelStore store)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PosteriorKey, Task<Parts>> _loads = [];

    /// <param name="key">The panel.</param>
    /// <param name="state">Its durable state.</param>
    /// <param name="posterior">The target's solution, one of the state's blocks.</param>
    /// <param name="inputs">[m, d].</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">The inputs cannot be used.</exception>
    /// <exception cref="StoreException">The block's file is missing or damaged.</exception>
    public async Task<PredictionResult> PredictAsync(
        PanelKey key, PanelState state, StoredPanelPosterior posterior, TensorPayload inputs, CancellationToken cancellationToken)
    {
        StoredPanelBlock block = state.Blocks.First(held => held.Number == posterior.Block);
        SourceModel model = await models.LoadAsync(block.ModelHash, cancellationToken);
        double[] values = PayloadChecks.RequireInputs(inputs, model.Spec.InputWidth, model.Spec.IndexBounds);
        var rows = new RowMatrix(inputs.Shape[0], model.Spec.InputWidth, values);
        var cacheKey = new PosteriorKey(state.Incarnation, block.Number, block.ModelHash);
        Prediction? prediction = await lane.RunAsync(
            LanePriority.Interactive,
            context => context.Posteriors.TryGet(cacheKey, out PanelPosterior? warm) ? Evaluate(context, warm, posterior.Column, rows) : null,
            cancellationToken);
        prediction ??= await LoadAndPredictAsync(key, state, block, model, cacheKey, posterior.Column, rows, cancellationToken);
        return PredictionMapping.ToResult(prediction, [], model, block.Prior, posterior.Version, exact: false);
    }

    private static Prediction Evaluate(LaneContext context, PanelPosterior posterior, int column, RowMatrix inputs)
    {
        context.Plan(posterior.FlopsToPredict(inputs.Rows));
        return posterior.Predict(column, inputs);
    }

    // A thousand targets that are asked for together need one reading of the file.
    private async Task<Prediction> LoadAndPredictAsync(
        PanelKey key, PanelState state, StoredPanelBlock block, SourceModel model, PosteriorKey cacheKey, int column, RowMatrix rows, CancellationToken cancellationToken)
    {
        Task<Parts> load;
        lock (_gate)
        {
            if (!_loads.TryGetValue(cacheKey, out load!))
            {
                load = Task.Run(() => LoadAsync(key, state, block), CancellationToken.None);
                _loads.Add(cacheKey, load);
            }
        }

        try
        {
            Parts parts = await load.WaitAsync(cancellationToken);
            Prior prior = PriorMapping.ToPrior(block.Prior);
            return await lane.RunAsync(
                LanePriority.Interactive,
                context => Evaluate(
                    context,
                    context.Posteriors.GetOrAdd(cacheKey, () => Restore(context, block.ModelHash, model, prior, parts), made => made.Bytes),
                    column,
                    rows),
                cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                if (_loads.GetValueOrDefault(cacheKey) == load)
                {
                    _loads.Remove(cacheKey);
                }
            }
        }
    }

    private static PanelPosterior Restore(LaneContext context, string hash, SourceModel model, Prior prior, Parts parts) =>
        PanelPosterior.Restore(context.Network(hash, model), prior, parts.Targets, parts.Solution);

    private async Task<Parts> LoadAsync(PanelKey key, PanelState state, StoredPanelBlock block)
    {
        (PanelTargets targets, PanelSolution solution) = await store.ReadAsync(key, state, block, CancellationToken.None);
        return new Parts(targets, solution);
    }

    private sealed record Parts(PanelTargets Targets, PanelSolution Solution);
}
