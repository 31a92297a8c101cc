using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Sources;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Tasks;

/// <summary>Predictions from a durable posterior: those of small tasks together with others', those of large ones alone.</summary>
internal sealed class PredictionRun(PosteriorRun posteriors, SmallTasks small, SourceModelStore models, PriorStore priors, ObservationStore observations)
{
    public async Task<PredictionResult> PredictAsync(
        TaskKey key, TargetTaskState state, StoredPosterior posterior, PredictionRequest request, CancellationToken cancellationToken)
    {
        SourceModel model = await models.LoadAsync(posterior.ModelHash, cancellationToken);
        int outputs = model.Spec.Outputs;
        double[] values = PayloadChecks.RequireInputs(request.Inputs, model.Spec.InputWidth, model.Spec.IndexBounds);
        var inputs = new RowMatrix(request.Inputs.Shape[0], model.Spec.InputWidth, values);
        RequireJointSize(request, inputs.Rows * outputs);
        Prior fleet = await priors.LoadAsync(posterior.Prior, cancellationToken);
        bool isMarginal = !request.Joint && request.Samples == 0;
        Answer answer = isMarginal && PosteriorRun.IsSmall(posterior, model, fleet)
            ? new Answer(await PredictSmallAsync(key, state, posterior, model, fleet, inputs, cancellationToken), [])
            : await posteriors.UseAsync(key, state, posterior, model, inputs.Rows, (context, warm) => Evaluate(context, warm, inputs, request), cancellationToken);
        return PredictionMapping.ToResult(answer.Prediction, answer.Samples, model, posterior);
    }

    private async Task<Prediction> PredictSmallAsync(
        TaskKey key, TargetTaskState state, StoredPosterior posterior, SourceModel model, Prior fleet, RowMatrix inputs, CancellationToken cancellationToken)
    {
        int rows = posterior.Description.Observations;
        var version = new PosteriorKey(state.Incarnation, posterior.Description.Version, posterior.ModelHash);
        var task = new SmallTask(key, version, model, fleet, posterior.Prior.Version);
        if (await small.PredictAsync(task, null, rows, inputs, cancellationToken) is { } warm)
        {
            return warm;
        }

        TaskData data = await observations.ReadAsync(key, state.Batches, rows, model.Spec.InputWidth, model.Spec.Outputs, cancellationToken);
        SmallFit fit = await small.FitAsync(task, data, PosteriorRun.FactorsOf(posterior.Description), LanePriority.Interactive, cancellationToken);
        return (await small.PredictAsync(task, fit.Posterior, rows, inputs, cancellationToken))!;
    }

    private static Answer Evaluate(LaneContext context, TaskPosterior posterior, RowMatrix inputs, PredictionRequest request)
    {
        context.Plan(posterior.FlopsToPredict(inputs.Rows));
        return new Answer(
            posterior.Predict(inputs, request.Joint),
            request.Samples == 0 ? [] : posterior.Sample(inputs, request.Samples, request.Seed));
    }

    private static void RequireJointSize(PredictionRequest request, int size)
    {
        if ((request.Joint || request.Samples > 0) && size > PredictionRequest.MaxJointSize)
        {
            throw new InvalidInputException(
                "inputs", $"{size} rows times outputs are too many for a joint answer", $"send at most {PredictionRequest.MaxJointSize}");
        }

        if (request.Samples is < 0 or > PredictionRequest.MaxSamples)
        {
            throw new InvalidInputException("samples", $"they are {request.Samples}", $"ask for 0 to {PredictionRequest.MaxSamples}");
        }
    }

    private sealed record Answer(Prediction Prediction, RowMatrix[] Samples);
}
