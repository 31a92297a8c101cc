using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;

namespace AdaptCluster.Client.Tasks;

/// <summary>One target task. Cheap to make, thread-safe.</summary>
public sealed class TaskHandle
{
    private const int MaxElementsPerCall = 1 << 17;

    private readonly IGrainFactory _grains;

    internal TaskHandle(IGrainFactory grains, TaskKey key)
    {
        _grains = grains;
        Key = key;
    }

    /// <summary>Which task.</summary>
    public TaskKey Key { get; }

    private ITargetTaskGrain Grain => _grains.GetGrain<ITargetTaskGrain>(Key.ToString());

    /// <summary>
    /// Adds rows; they are durable when this returns. Each batch is named by its content, so repeating the call after a
    /// failure adds nothing twice. Rows that are truly observed twice need a batch id of their own.
    /// </summary>
    /// <param name="rows">The rows, inputs encoded by the source's schema.</param>
    /// <param name="batchId">Names the rows instead of their content.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>How many rows the task holds now.</returns>
    /// <exception cref="InvalidInputException">Shape, size or a number cannot be used.</exception>
    public async Task<int> ObserveAsync(LabelledRows rows, string? batchId = null, CancellationToken cancellationToken = default)
    {
        int held = 0;
        foreach (ObservationBatch batch in ObservationBatches.Cut(rows, batchId))
        {
            held = (await Grain.ObserveAsync(batch, cancellationToken)).Observations;
        }

        return held;
    }

    /// <summary>Computes the posterior of all observations under the source's current prior; durable when this returns.</summary>
    /// <exception cref="NotFoundException">There is no such source, or it has no prior.</exception>
    public Task<TaskDescription> AdaptAsync(CancellationToken cancellationToken = default) => Grain.AdaptAsync(null, cancellationToken);

    /// <summary>Adds rows and computes the posterior; both are durable when this returns.</summary>
    /// <exception cref="NotFoundException">There is no such source, or it has no prior.</exception>
    /// <exception cref="InvalidInputException">Shape, size or a number cannot be used.</exception>
    public async Task<TaskDescription> AdaptAsync(LabelledRows rows, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ObservationBatch> batches = ObservationBatches.Cut(rows, null);
        for (int i = 0; i < batches.Count - 1; i++)
        {
            await Grain.ObserveAsync(batches[i], cancellationToken);
        }

        return await Grain.AdaptAsync(batches[^1], cancellationToken);
    }

    /// <summary>Predicts mean and variance of rows from the latest posterior.</summary>
    /// <exception cref="NotFoundException">The task has no posterior.</exception>
    public async Task<Prediction> PredictAsync(Rows inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var parts = new List<Prediction>();
        int most = Math.Max(1, MaxElementsPerCall / inputs.Width);
        for (int start = 0; start == 0 || start < inputs.Count; start += most)
        {
            TensorPayload part = Payloads.Of(inputs, start, Math.Min(most, inputs.Count - start));
            parts.Add(Prediction.From(await Grain.PredictAsync(new PredictionRequest(part), cancellationToken)));
        }

        return Prediction.Concatenate(parts);
    }

    /// <summary>Predicts rows together: with their joint covariance, and with samples of the function.</summary>
    /// <param name="inputs">The rows; rows times outputs at most <see cref="PredictionRequest.MaxJointSize"/>.</param>
    /// <param name="samples">How many samples; 0 for none.</param>
    /// <param name="seed">Seeds the samples.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="NotFoundException">The task has no posterior.</exception>
    public async Task<Prediction> PredictJointAsync(Rows inputs, int samples = 0, int seed = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Prediction.From(await Grain.PredictAsync(
            new PredictionRequest(Payloads.Of(inputs), Joint: true, samples, seed), cancellationToken));
    }

    /// <summary>Describes the task.</summary>
    /// <exception cref="NotFoundException">There is no such task.</exception>
    public Task<TaskDescription> DescribeAsync(CancellationToken cancellationToken = default) => Grain.DescribeAsync(cancellationToken);

    /// <summary>Deletes the task with its observations and posterior.</summary>
    /// <exception cref="NotFoundException">There is no such task.</exception>
    public Task DeleteAsync(CancellationToken cancellationToken = default) => Grain.DeleteAsync(cancellationToken);

    internal async Task<TaskDescription?> DescribeIfExistsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await DescribeAsync(cancellationToken);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}
