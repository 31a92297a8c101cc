using Orleans.Concurrency;

namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>Owns one customer's observations and posterior. Keyed by <see cref="Naming.TaskKey"/>.</summary>
[Alias("adapt.ITargetTaskGrain")]
public interface ITargetTaskGrain : IGrainWithStringKey
{
    /// <summary>Adds rows. They are durable when this returns; a batch that the task holds already is not added again.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such source.</exception>
    /// <exception cref="Errors.InvalidInputException">Shape, size or a number cannot be used.</exception>
    /// <exception cref="Errors.StoreException">The store cannot keep it.</exception>
    [Alias("Observe")]
    Task<ObserveReceipt> ObserveAsync(ObservationBatch batch, CancellationToken cancellationToken = default);

    /// <summary>
    /// Computes the posterior of all observations under the source's current prior, after adding a last batch if one is
    /// given. It is durable when this returns. Without new rows or a new prior it returns the posterior there is.
    /// </summary>
    /// <exception cref="Errors.NotFoundException">There is no such source, or it has no prior.</exception>
    /// <exception cref="Errors.InvalidInputException">There are fewer than two observations, or the batch cannot be used.</exception>
    /// <exception cref="Errors.AdaptationFailedException">The computation gave no usable answer.</exception>
    /// <exception cref="Errors.QuarantinedException">Earlier attempts ended with the silo.</exception>
    /// <exception cref="Errors.BusyException">The device takes no more work now.</exception>
    [Alias("Adapt")]
    Task<TaskDescription> AdaptAsync(ObservationBatch? batch = null, CancellationToken cancellationToken = default);

    /// <summary>Predicts from the latest posterior, also while a new one is being computed.</summary>
    /// <exception cref="Errors.NotFoundException">The task has no posterior.</exception>
    /// <exception cref="Errors.InvalidInputException">Shape, size or a number cannot be used.</exception>
    /// <exception cref="Errors.BusyException">The device takes no more work now.</exception>
    [Alias("Predict")]
    [AlwaysInterleave]
    Task<PredictionResult> PredictAsync(PredictionRequest request, CancellationToken cancellationToken = default);

    /// <summary>Describes the task.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such task.</exception>
    [Alias("Describe")]
    [AlwaysInterleave]
    Task<TaskDescription> DescribeAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes observations and posterior, durably.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such task.</exception>
    [Alias("Delete")]
    Task DeleteAsync(CancellationToken cancellationToken = default);
}
