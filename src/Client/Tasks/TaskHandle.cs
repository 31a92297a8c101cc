using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Solves;
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

    /// <summary>
    /// Adds rows that are read while they are sent, with the memory of a few batches of a megabyte however many there are. Silos that are
    /// lost for minutes are waited for. Whoever repeats it after a failure, this process or another one, goes on where it ended: rows that
    /// the task holds are read and passed over.
    /// </summary>
    /// <param name="rows">Parts of any size, inputs encoded by the source's schema; the same rows in the same order whenever it is repeated.</param>
    /// <param name="upload">Names these rows, of which the task keeps one set: a file's name and date for example.</param>
    /// <param name="progress">Told how many of these rows are durable.</param>
    /// <param name="cancellationToken">Stops; what was acknowledged stays.</param>
    /// <returns>How many rows the task holds now.</returns>
    /// <exception cref="InvalidInputException">Shape, size or a number cannot be used, or the task holds more of these rows than were given.</exception>
    public Task<int> UploadAsync(
        IAsyncEnumerable<LabelledRows> rows, string upload, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrEmpty(upload);
        return new RowUpload(Grain, upload, progress).SendAsync(rows, cancellationToken);
    }

    /// <summary>
    /// Computes the posterior of all observations under the source's current prior; durable when this returns. A large task
    /// is solved iteratively by the cluster: this waits for it, across lost connections and silos. Whoever stops waiting does
    /// not stop the solve: <see cref="CancelAsync"/> does.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="NotFoundException">There is no such source, or it has no prior.</exception>
    /// <exception cref="TooLargeException">No way to solve it fits the memory.</exception>
    /// <exception cref="AdaptationFailedException">The computation gave no usable answer, or the solve was cancelled.</exception>
    /// <exception cref="QuarantinedException">Attempts ended with their silo, too often.</exception>
    public Task<TaskDescription> AdaptAsync(CancellationToken cancellationToken = default) =>
        TaskWait.AdaptAsync(_grains, Key, null, null, cancellationToken);

    /// <param name="options">What is fixed of how it is solved.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <inheritdoc cref="AdaptAsync(CancellationToken)"/>
    public Task<TaskDescription> AdaptAsync(AdaptOptions options, CancellationToken cancellationToken = default) =>
        TaskWait.AdaptAsync(_grains, Key, null, options, cancellationToken);

    /// <summary>Adds rows and computes the posterior, as the overload without rows does; both are durable when this returns.</summary>
    /// <param name="rows">The rows, inputs encoded by the source's schema.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="NotFoundException">There is no such source, or it has no prior.</exception>
    /// <exception cref="InvalidInputException">Shape, size or a number cannot be used.</exception>
    /// <exception cref="TooLargeException">No way to solve it fits the memory; the last part of the rows is not kept.</exception>
    /// <exception cref="AdaptationFailedException">The computation gave no usable answer, or the solve was cancelled.</exception>
    /// <exception cref="QuarantinedException">Attempts ended with their silo, too often.</exception>
    public Task<TaskDescription> AdaptAsync(LabelledRows rows, CancellationToken cancellationToken = default) =>
        AdaptAsync(rows, null, cancellationToken);

    /// <param name="rows">The rows, inputs encoded by the source's schema.</param>
    /// <param name="options">What is fixed of how it is solved; null: all is planned.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <inheritdoc cref="AdaptAsync(LabelledRows, CancellationToken)"/>
    public async Task<TaskDescription> AdaptAsync(LabelledRows rows, AdaptOptions? options, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ObservationBatch> batches = ObservationBatches.Cut(rows, null);
        for (int i = 0; i < batches.Count - 1; i++)
        {
            await Grain.ObserveAsync(batches[i], cancellationToken);
        }

        return await TaskWait.AdaptAsync(_grains, Key, batches[^1], options, cancellationToken);
    }

    /// <summary>
    /// Has the posterior computed and does not wait for an iterative solve: the status says whether one runs.
    /// </summary>
    /// <inheritdoc cref="AdaptAsync(AdaptOptions, CancellationToken)"/>
    public Task<TaskDescription> BeginAdaptAsync(AdaptOptions? options = null, CancellationToken cancellationToken = default) =>
        Grain.AdaptAsync(null, options, cancellationToken);

    /// <summary>Tells where the iterative solve of the task stands, until it has ended; nothing if none runs.</summary>
    /// <exception cref="NotFoundException">There is no such task.</exception>
    public IAsyncEnumerable<SolveProgressMessage> WatchAsync(CancellationToken cancellationToken = default) =>
        TaskWait.WatchAsync(_grains, Key, cancellationToken);

    /// <summary>Ends the iterative solve of the task, if one runs; predictions still come from the last posterior.</summary>
    /// <exception cref="NotFoundException">There is no such task.</exception>
    public Task<TaskDescription> CancelAsync(CancellationToken cancellationToken = default) => Grain.CancelAsync(cancellationToken);

    /// <summary>Lets a quarantined task be adapted again; any other stays as it is.</summary>
    /// <exception cref="NotFoundException">There is no such task.</exception>
    public Task<TaskDescription> ReleaseAsync(CancellationToken cancellationToken = default) => Grain.ReleaseAsync(cancellationToken);

    /// <summary>How the task would be solved now: the ways considered with flops, bytes, messages, memory and time, and why one was chosen.</summary>
    /// <param name="options">What would be fixed; null: all is planned.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NotFoundException">There is no such task, or its source has no prior.</exception>
    public Task<PlanExplanation> ExplainAsync(AdaptOptions? options = null, CancellationToken cancellationToken = default) =>
        Grain.ExplainAsync(options, cancellationToken);

    /// <summary>
    /// Says how well the task's source, with its prior, explains rows: what several sources are compared by. Nothing is kept, and the task need not exist.
    /// </summary>
    /// <param name="rows">The rows, inputs encoded by the source's schema; of many the first that fit one call are looked at.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="NotFoundException">There is no such source, or it has no prior.</exception>
    /// <exception cref="InvalidInputException">Shape, size or a number cannot be used.</exception>
    public Task<RowsEvidence> WeighAsync(LabelledRows rows, CancellationToken cancellationToken = default) =>
        Grain.WeighAsync(ObservationBatches.Cut(rows, null)[0], cancellationToken);

    /// <summary>Examines the latest posterior at some of the task's rows: whether it helps, means what it says, and is still the network's.</summary>
    /// <exception cref="NotFoundException">The task has no posterior.</exception>
    public Task<TaskDiagnosis> DiagnoseAsync(CancellationToken cancellationToken = default) => Grain.DiagnoseAsync(cancellationToken);

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
