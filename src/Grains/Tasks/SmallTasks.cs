using System.Diagnostics;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
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
    /// <param name="task">The task, with the version to be.</param>
    /// <param name="data">The rows.</param>
    /// <param name="factors">Where it stands in its fleet, if that is known; null: it is found.</param>
    /// <param name="priority">Whether somebody waits for it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BusyException">The device takes no more work now.</exception>
    /// <exception cref="AdaptationFailedException">The mathematics gave no usable answer.</exception>
    public Task<SmallFit> FitAsync(SmallTask task, TaskData data, TaskFactors? factors, LanePriority priority, CancellationToken cancellationToken) =>
        lane.RunBatchedAsync(
            task.BatchKey(isPrediction: false, priority),
            new FitRequest(task.Version, task.Prior, new BatchTask(data) { Factors = factors }),
            TaskPosterior.FlopsToFit(task.Model.Spec, task.Prior, data.Rows),
            (LaneContext context, IReadOnlyList<FitRequest> requests) => Fit(context, task, requests),
            cancellationToken);

    /// <summary>Mean and variance of rows. Somebody waits for them.</summary>
    /// <param name="task">The task, with the version that is asked.</param>
    /// <param name="given">The posterior, if the caller has it; null: it is looked for where it may be warm.</param>
    /// <param name="taskRows">The rows that the posterior rests on.</param>
    /// <param name="inputs">The rows to predict.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where none was given and it is not warm.</returns>
    /// <exception cref="BusyException">The device takes no more work now.</exception>
    /// <exception cref="AdaptationFailedException">The network overflows on a row.</exception>
    public Task<Prediction?> PredictAsync(SmallTask task, DualPosterior? given, int taskRows, RowMatrix inputs, CancellationToken cancellationToken) =>
        lane.RunBatchedAsync(
            task.BatchKey(isPrediction: true, LanePriority.Interactive),
            new PredictRequest(task.Version, given, inputs),
            TaskBatch.FlopsToPredict(task.Model.Spec, taskRows, inputs.Rows),
            (LaneContext context, IReadOnlyList<PredictRequest> requests) => Predict(context, task, requests),
            cancellationToken);

    private static LaneOutcome<SmallFit>[] Fit(LaneContext context, SmallTask first, IReadOnlyList<FitRequest> requests)
    {
        long started = Stopwatch.GetTimestamp();
        SourceNetwork network = context.Network(first.Version.ModelHash, first.Model);
        var fits = new BatchOutcome<BatchFit>[requests.Count];

        // A version has one prior, but for a source that was deleted and made anew while these waited.
        foreach (IGrouping<Prior, int> group in Enumerable.Range(0, requests.Count).GroupBy(i => requests[i].Prior))
        {
            int[] members = [.. group];
            IReadOnlyList<BatchOutcome<BatchFit>> made = TaskBatch.Fit(network, Array.ConvertAll(members, i => requests[i].Task), group.Key);
            for (int m = 0; m < members.Length; m++)
            {
                fits[members[m]] = made[m];
            }
        }

        TimeSpan each = Stopwatch.GetElapsedTime(started) / requests.Count;
        var outcomes = new LaneOutcome<SmallFit>[requests.Count];
        for (int i = 0; i < outcomes.Length; i++)
        {
            BatchFit? fit = fits[i].Value;
            outcomes[i] = new LaneOutcome<SmallFit>(fit is null ? null : new SmallFit(fit.Posterior, fit.Report, each), fits[i].Error);
            if (fit is not null)
            {
                context.Posteriors.Add(requests[i].Version, fit.Posterior, fit.Posterior.Bytes);
            }
        }

        return outcomes;
    }

    private static LaneOutcome<Prediction?>[] Predict(LaneContext context, SmallTask first, IReadOnlyList<PredictRequest> requests)
    {
        var outcomes = new LaneOutcome<Prediction?>[requests.Count];
        var queries = new List<BatchQuery>(requests.Count);
        var asked = new List<int>(requests.Count);
        for (int i = 0; i < requests.Count; i++)
        {
            if ((requests[i].Given ?? Warm(context, requests[i].Version)) is { } posterior)
            {
                queries.Add(new BatchQuery(posterior, requests[i].Inputs));
                asked.Add(i);
            }
        }

        if (queries.Count == 0)
        {
            return outcomes;
        }

        IReadOnlyList<BatchOutcome<Prediction>> predictions = TaskBatch.Predict(context.Network(first.Version.ModelHash, first.Model), queries);
        for (int q = 0; q < queries.Count; q++)
        {
            outcomes[asked[q]] = new LaneOutcome<Prediction?>(predictions[q].Value, predictions[q].Error);
        }

        return outcomes;
    }

    private static DualPosterior? Warm(LaneContext context, PosteriorKey key) => context.Posteriors.TryGet(key, out DualPosterior? posterior) ? posterior : null;

    private sealed record FitRequest(PosteriorKey Version, Prior Prior, BatchTask Task);

    private sealed record PredictRequest(PosteriorKey Version, DualPosterior? Given, RowMatrix Inputs);
}
