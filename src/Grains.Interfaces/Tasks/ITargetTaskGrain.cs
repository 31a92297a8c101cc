using AdaptCluster.Grains.Interfaces.Solves;
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

    /// <summary>How many rows it holds of an upload: of the batches whose ids are its name, a slash and the number of a row.</summary>
    /// <returns>0 also where there is no such task.</returns>
    [Alias("CountUploaded")]
    [AlwaysInterleave]
    Task<int> CountUploadedAsync(string upload, CancellationToken cancellationToken = default);

    /// <summary>
    /// Computes the posterior of all observations under the source's current prior, after adding a last batch if one is
    /// given. A direct solve is done and durable when this returns. A larger task is solved iteratively: this returns as
    /// soon as that has durably begun, with status Solving, and again so while the same solve runs. Without new rows or a
    /// new prior it returns the posterior there is.
    /// </summary>
    /// <param name="batch">The last batch.</param>
    /// <param name="options">What the caller fixes of how it is solved; ignored while a solve runs.</param>
    /// <param name="cancellationToken">Gives up waiting for a direct solve.</param>
    /// <exception cref="Errors.NotFoundException">There is no such source, or it has no prior.</exception>
    /// <exception cref="Errors.InvalidInputException">There are fewer than two observations, or the batch cannot be used.</exception>
    /// <exception cref="Errors.AdaptationFailedException">The computation gave no usable answer.</exception>
    /// <exception cref="Errors.QuarantinedException">Earlier attempts ended with the silo.</exception>
    /// <exception cref="Errors.TooLargeException">No way to solve it fits the memory; the batch is not kept.</exception>
    /// <exception cref="Errors.BusyException">The device takes no more work now.</exception>
    [Alias("Adapt")]
    Task<TaskDescription> AdaptAsync(ObservationBatch? batch = null, AdaptOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adapts the task anew if all its rows have a posterior, of an earlier prior: in the background of its silo's device. Predictions come from the old one
    /// until the new one is there. A larger task's solve has begun when this returns, with status Solving.
    /// </summary>
    /// <param name="priorVersion">The version of the prior that it should have at least.</param>
    /// <param name="cancellationToken">Gives up waiting for a direct solve.</param>
    /// <exception cref="Errors.NotFoundException">There is no such task.</exception>
    /// <exception cref="Errors.AdaptationFailedException">The computation gave no usable answer.</exception>
    /// <exception cref="Errors.QuarantinedException">Earlier attempts ended with the silo.</exception>
    [Alias("Renew")]
    Task<TaskDescription> RenewAsync(int priorVersion, CancellationToken cancellationToken = default);

    /// <summary>Ends the iterative solve that runs, if one does; everything it holds is free when this returns.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such task.</exception>
    [Alias("Cancel")]
    Task<TaskDescription> CancelAsync(CancellationToken cancellationToken = default);

    /// <summary>Lets a quarantined task be adapted again; the next attempt counts as its first. Any other task stays as it is.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such task.</exception>
    [Alias("Release")]
    Task<TaskDescription> ReleaseAsync(CancellationToken cancellationToken = default);

    /// <summary>Takes the posterior of a solve that converged; ignored unless the task waits for that solve.</summary>
    [Alias("CompleteSolve")]
    Task CompleteSolveAsync(SolveCompletion completion, CancellationToken cancellationToken = default);

    /// <summary>Takes why a solve gave none; ignored unless the task waits for that solve.</summary>
    [Alias("FailSolve")]
    Task FailSolveAsync(SolveFailure failure, CancellationToken cancellationToken = default);

    /// <summary>Says how well the source and its prior explain rows. The rows are not kept, and the task need not exist.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such source, or it has no prior.</exception>
    /// <exception cref="Errors.InvalidInputException">Shape, size or a number cannot be used.</exception>
    /// <exception cref="Errors.AdaptationFailedException">The computation gave no usable answer.</exception>
    /// <exception cref="Errors.BusyException">The device takes no more work now.</exception>
    [Alias("Weigh")]
    [AlwaysInterleave]
    Task<RowsEvidence> WeighAsync(ObservationBatch rows, CancellationToken cancellationToken = default);

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

    /// <summary>Examines the latest posterior at some of the task's rows: whether it helps, means what it says, and is still the network's.</summary>
    /// <exception cref="Errors.NotFoundException">The task has no posterior.</exception>
    /// <exception cref="Errors.BusyException">The device takes no more work now.</exception>
    [Alias("Diagnose")]
    [AlwaysInterleave]
    Task<TaskDiagnosis> DiagnoseAsync(CancellationToken cancellationToken = default);

    /// <summary>Says how the task would be solved now, in which ways it could be, and why that one.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such task, or its source has no prior.</exception>
    [Alias("Explain")]
    [AlwaysInterleave]
    Task<PlanExplanation> ExplainAsync(AdaptOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Deletes observations and posterior, durably.</summary>
    /// <exception cref="Errors.NotFoundException">There is no such task.</exception>
    [Alias("Delete")]
    Task DeleteAsync(CancellationToken cancellationToken = default);
}
