using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Grains.Tasks;

/// <summary>Checks a batch, chooses where its numbers are kept, and reads them back.</summary>
internal sealed class ObservationStore(ITensorStore tensors)
{
    /// <summary>Up to this size the numbers are part of the task's record: one read brings everything.</summary>
    private const int MaxInlineBytes = 64 << 10;

    private const int MaxIdLength = 200;

    /// <exception cref="InvalidInputException">The batch cannot be used.</exception>
    public static void Check(ObservationBatch batch, SourceDescription source)
    {
        if (string.IsNullOrEmpty(batch.Id) || batch.Id.Length > MaxIdLength)
        {
            throw new InvalidInputException("batch id", $"it has {batch.Id?.Length ?? 0} characters", $"give 1 to {MaxIdLength}");
        }

        long elements = (batch.Inputs.Data.Length + (long)batch.Targets.Data.Length) / sizeof(double);
        if (elements > ObservationBatch.MaxElements)
        {
            throw new InvalidInputException(
                "batch", $"it has {elements} numbers", $"send at most {ObservationBatch.MaxElements} in one batch");
        }

        PayloadChecks.RequireInputs(batch.Inputs, source.Network.Inputs, source.IndexBounds);
        PayloadChecks.RequireMatrix(batch.Targets, "targets", source.Targets.Length, batch.Inputs.Shape[0]);
    }

    /// <summary>Makes a checked batch ready for the task's record; large numbers are durable on return.</summary>
    public async Task<StoredBatch> StoreAsync(TaskKey task, ObservationBatch batch, CancellationToken cancellationToken)
    {
        int rows = batch.Inputs.Shape[0];
        if (batch.Inputs.Data.Length + batch.Targets.Data.Length <= MaxInlineBytes)
        {
            return new StoredBatch { Id = batch.Id, Rows = rows, Inputs = batch.Inputs, Targets = batch.Targets };
        }

        TensorScope scope = TensorScope.Observations(task);
        return new StoredBatch
        {
            Id = batch.Id,
            Rows = rows,
            InputsHash = await tensors.PutAsync(scope, StagedRows.ToBytes(batch.Inputs), cancellationToken),
            TargetsHash = await tensors.PutAsync(scope, StagedRows.ToBytes(batch.Targets), cancellationToken),
        };
    }

    /// <summary>The first <paramref name="rows"/> rows of a task; they end with a batch.</summary>
    /// <exception cref="StoreException">A block of the tensor store is missing or damaged.</exception>
    public async Task<TaskData> ReadAsync(
        TaskKey task, IReadOnlyList<StoredBatch> batches, int rows, int inputWidth, int targetWidth, CancellationToken cancellationToken)
    {
        double[] inputs = new double[rows * inputWidth];
        double[] targets = new double[rows * targetWidth];
        int start = 0;
        for (int i = 0; start < rows; i++)
        {
            StoredBatch batch = batches[i];
            TensorPayload batchInputs = batch.Inputs ?? await ReadAsync(task, batch.InputsHash!, cancellationToken);
            TensorPayload batchTargets = batch.Targets ?? await ReadAsync(task, batch.TargetsHash!, cancellationToken);
            PayloadChecks.RequireMatrix(batchInputs, "inputs", inputWidth, batch.Rows).CopyTo(inputs, start * inputWidth);
            PayloadChecks.RequireMatrix(batchTargets, "targets", targetWidth, batch.Rows).CopyTo(targets, start * targetWidth);
            start += batch.Rows;
        }

        return new TaskData(new RowMatrix(rows, inputWidth, inputs), new RowMatrix(rows, targetWidth, targets));
    }

    /// <summary>Removes a task's large batches.</summary>
    public Task DeleteAsync(TaskKey task, IEnumerable<StoredBatch> batches, CancellationToken cancellationToken) =>
        batches.Any(batch => batch.InputsHash is not null)
            ? tensors.DeleteAllAsync(TensorScope.Observations(task), cancellationToken)
            : Task.CompletedTask;

    private async Task<TensorPayload> ReadAsync(TaskKey task, string hash, CancellationToken cancellationToken) =>
        StagedRows.FromBytes(await tensors.GetAsync(TensorScope.Observations(task), hash, cancellationToken));
}
