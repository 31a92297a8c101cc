using System.Diagnostics;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Tasks;

/// <summary>
/// Small tasks on the device: what many ask of one source at the same time is computed together. Their posteriors stay warm in the lane's cache in a form that
/// needs no device memory.
/// </summary>
internal sealed class SmallTasks(DeviceLane lane)
{
    /// <summary>Fits a task that <see cref="TaskBatch.Supports"/>, and keeps the posterior warm.</summary>
    /// <param name="task">Which task.</param>
    /// <param name="cacheKey">Its version to be.</param>
    /// <param name="model">The source.</param>
    /// <param name="prior">The prior of the version.</param>
    /// <param name="priorVersion">Which one that is.</param>
    /// <param name="data">The rows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BusyException">The device takes no more work now.</exception>
    /// <exception cref="AdaptationFailedException">The mathematics gave no usable answer.</exception>
    public Task<SmallFit> FitAsync(
        TaskKey task, PosteriorKey cacheKey, SourceModel model, Prior prior, int priorVersion, TaskData data, CancellationToken cancellationToken) =>
        lane.RunBatchedAsync(
            new LaneBatchKey(task.Tenant, task.Source, cacheKey.ModelHash, priorVersion, IsPrediction: false),
            new FitRequest(cacheKey, data),
            TaskPosterior.FlopsToFit(model.Spec, prior, data.Rows),
            (LaneContext context, IReadOnlyList<FitRequest> requests) => Fit(context, model, prior, requests),
            cancellationToken);

    /// <summary>Mean and variance of rows.</summary>
    /// <param name="task">Which task.</param>
    /// <param name="cacheKey">Its version.</param>
    /// <param name="given">The posterior, if the caller has it; null: it is looked for where it may be warm.</param>
    /// <param name="model">The source.</param>
    /// <param name="priorVersion">The prior of the version.</param>
    /// <param name="taskRows">The rows that the posterior rests on.</param>
    /// <param name="inputs">The rows to predict.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where none was given and it is not warm.</returns>
    /// <exception cref="BusyException">The device takes no more work now.</exception>
    /// <exception cref="AdaptationFailedException">The network overflows on a row.</exception>
    public Task<Prediction?> PredictAsync(
        TaskKey task, PosteriorKey cacheKey, DualPosterior? given, SourceModel model, int priorVersion, int taskRows, RowMatrix inputs, CancellationToken cancellationToken) =>
        lane.RunBatchedAsync(
            new LaneBatchKey(task.Tenant, task.Source, cacheKey.ModelHash, priorVersion, IsPrediction: true),
            new PredictRequest(cacheKey, given, inputs),
            TaskBatch.FlopsToPredict(model.Spec, taskRows, inputs.Rows),
            (LaneContext context, IReadOnlyList<PredictRequest> requests) => Predict(context, model, requests),
            cancellationToken);

    private static LaneOutcome<SmallFit>[] Fit(LaneContext context, SourceModel model, Prior prior, IReadOnlyList<FitRequest> requests)
    {
        long started = Stopwatch.GetTimestamp();
        BatchTask[] tasks = [.. requests.Select(request => new BatchTask(request.Data))];
        IReadOnlyList<BatchOutcome<BatchFit>> fits = TaskBatch.Fit(context.Network(requests[0].CacheKey.ModelHash, model), tasks, prior);
        TimeSpan each = Stopwatch.GetElapsedTime(started) / requests.Count;
        var outcomes = new LaneOutcome<SmallFit>[requests.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            BatchFit? fit = fits[i].Value;
            outcomes[i] = new LaneOutcome<SmallFit>(fit is null ? null : new SmallFit(fit.Posterior, fit.Report, each), fits[i].Error);
            if (fit is not null)
            {
                context.Posteriors.Add(requests[i].CacheKey, fit.Posterior, fit.Posterior.Bytes);
            }
        }

        return outcomes;
    }

    private static LaneOutcome<Prediction?>[] Predict(LaneContext context, SourceModel model, IReadOnlyList<PredictRequest> requests)
    {
        var outcomes = new LaneOutcome<Prediction?>[requests.Count];
        var queries = new List<BatchQuery>(requests.Count);
        var asked = new List<int>(requests.Count);
        for (int i = 0; i < requests.Count; i++)
        {
            if ((requests[i].Given ?? Warm(context, requests[i].CacheKey)) is { } posterior)
            {
                queries.Add(new BatchQuery(posterior, requests[i].Inputs));
                asked.Add(i);
            }
        }

        if (queries.Count == 0)
        {
            return outcomes;
        }

        IReadOnlyList<BatchOutcome<Prediction>> predictions = TaskBatch.Predict(context.Network(requests[0].CacheKey.ModelHash, model), queries);
        for (int q = 0; q < queries.Count; q++)
        {
            outcomes[asked[q]] = new LaneOutcome<Prediction?>(predictions[q].Value, predictions[q].Error);
        }

        return outcomes;
    }

    private static DualPosterior? Warm(LaneContext context, PosteriorKey key) => context.Posteriors.TryGet(key, out DualPosterior? posterior) ? posterior : null;

    private sealed record FitRequest(PosteriorKey CacheKey, TaskData Data);

    private sealed record PredictRequest(PosteriorKey CacheKey, DualPosterior? Given, RowMatrix Inputs);
}
