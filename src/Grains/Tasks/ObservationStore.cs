using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Tasks;

/// <summary>Checks a batch, chooses where its numbers are kept, and reads them back.</summary>
internal sealed class ObservationStore(ITensorStore tensors)
{
    /// <summary>Up to this size the numbers are part of the task's record: one read brings everything.</summary>
    private const int MaxInlineBytes = 64 << 10;

    /// <summary>Up to this size together: the record is written whole with every batch, and many small ones must not make it grow for ever.</summary>
    private const int MaxInlineBytesOfTask = 1 << 20;

    private const int MaxIdLength = 200;

    /// <summary>Of how many batches a sample of rows comes: each is a read.</summary>
    private const int MostSampledBatches = 16;

    /// <summary>About how large the blocks are that small batches are put together to.</summary>
    private const int BlockBytes = 1 << 20;

    /// <summary>Whether a task does not hold a batch yet.</summary>
    /// <exception cref="InvalidInputException">The batch cannot be used.</exception>
    public static bool IsNew(TargetTaskState state, ObservationBatch batch, SourceDescription source)
    {
        Check(batch, source);
        return !state.Batches.Any(held => held.Id == batch.Id);
    }

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

    /// <summary>The numbers of a checked batch.</summary>
    public static TaskData ToData(ObservationBatch batch, int inputWidth, int targetWidth)
    {
        int rows = batch.Inputs.Shape[0];
        return new TaskData(
            new RowMatrix(rows, inputWidth, PayloadChecks.RequireMatrix(batch.Inputs, "inputs", inputWidth, rows)),
            new RowMatrix(rows, targetWidth, PayloadChecks.RequireMatrix(batch.Targets, "targets", targetWidth, rows)));
    }

    /// <summary>Makes a checked batch ready for the task's record; large numbers are durable on return.</summary>
    public async Task<StoredBatch> StoreAsync(
        TaskKey task, IReadOnlyList<StoredBatch> held, ObservationBatch batch, CancellationToken cancellationToken)
    {
        int rows = batch.Inputs.Shape[0];
        if (batch.Bytes <= MaxInlineBytes && held.Sum(InlineBytes) + batch.Bytes <= MaxInlineBytesOfTask)
        {
            return new StoredBatch { Id = batch.Id, Rows = rows, Bytes = batch.Bytes, Inputs = batch.Inputs, Targets = batch.Targets };
        }

        TensorScope scope = TensorScope.Observations(task);
        return new StoredBatch
        {
            Id = batch.Id,
            Rows = rows,
            Bytes = batch.Bytes,
            InputsHash = await tensors.PutAsync(scope, StagedRows.ToBytes(batch.Inputs), cancellationToken),
            TargetsHash = await tensors.PutAsync(scope, StagedRows.ToBytes(batch.Targets), cancellationToken),
        };
    }

    private static long InlineBytes(StoredBatch batch) => (batch.Inputs?.Data.Length ?? 0) + (long)(batch.Targets?.Data.Length ?? 0);

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

    /// <summary>At most so many of the first <paramref name="rows"/> rows of a task, a seeded sample: of a task with many batches from some of them.</summary>
    /// <exception cref="StoreException">A block of the tensor store is missing or damaged.</exception>
    public async Task<TaskData> SampleAsync(
        TaskKey task, IReadOnlyList<StoredBatch> batches, int rows, int most, int inputWidth, int targetWidth, CancellationToken cancellationToken)
    {
        long through = 0;
        StoredBatch[] seen = [.. batches.TakeWhile(batch => (through += batch.Rows) <= rows)];
        StoredBatch[] read = seen.Length <= MostSampledBatches
            ? seen
            : [.. Enumerable.Range(0, MostSampledBatches).Select(i => seen[(int)((long)i * seen.Length / MostSampledBatches)])];
        TaskData data = await ReadAsync(task, read, read.Sum(batch => batch.Rows), inputWidth, targetWidth, cancellationToken);
        return data.Sample(most, seed: 0);
    }

    /// <summary>
    /// All rows of a task as blocks of the tensor store, in order: large batches are there already, small ones are put
    /// together and kept with the solve. Durable on return.
    /// </summary>
    public async Task<ImmutableArray<RowBlock>> AsBlocksAsync(
        TaskKey task, Guid solve, IReadOnlyList<StoredBatch> batches, CancellationToken cancellationToken)
    {
        var blocks = ImmutableArray.CreateBuilder<RowBlock>();
        var gathered = new List<StoredBatch>();
        foreach (StoredBatch batch in batches)
        {
            bool isInline = batch.Inputs is not null;
            if (gathered.Count > 0 && (!isInline || gathered.Sum(held => (long)held.Inputs!.Data.Length) >= BlockBytes))
            {
                blocks.Add(await GatherAsync(task, solve, gathered, cancellationToken));
                gathered.Clear();
            }

            if (isInline)
            {
                gathered.Add(batch);
            }
            else
            {
                blocks.Add(new RowBlock(batch.Rows, batch.InputsHash!, batch.TargetsHash!, IsOfSolve: false));
            }
        }

        if (gathered.Count > 0)
        {
            blocks.Add(await GatherAsync(task, solve, gathered, cancellationToken));
        }

        return blocks.DrainToImmutable();
    }

    /// <summary>Some rows of a solve; only the blocks that hold some of them are read.</summary>
    /// <exception cref="StoreException">A block of the tensor store is missing or damaged.</exception>
    public async Task<TaskData> ReadRangeAsync(
        SolveOrder order, RowRange range, int inputWidth, int targetWidth, CancellationToken cancellationToken)
    {
        TaskKey task = TaskKey.Parse(order.Task);
        double[] inputs = new double[(long)range.Count * inputWidth];
        double[] targets = new double[(long)range.Count * targetWidth];
        int start = 0;
        foreach (RowBlock block in order.Blocks)
        {
            int first = Math.Max(range.Start, start), end = Math.Min(range.Start + range.Count, start + block.Rows);
            if (first < end)
            {
                TensorScope scope = block.IsOfSolve ? TensorScope.Solve(task, order.Solve) : TensorScope.Observations(task);
                Copy(await ReadAsync(scope, block.InputsHash, cancellationToken), "inputs", inputWidth, inputs);
                Copy(await ReadAsync(scope, block.TargetsHash, cancellationToken), "targets", targetWidth, targets);

                void Copy(TensorPayload from, string what, int width, double[] to) =>
                    PayloadChecks.RequireMatrix(from, what, width, block.Rows).AsSpan((first - start) * width, (end - first) * width)
                        .CopyTo(to.AsSpan((first - range.Start) * width));
            }

            start += block.Rows;
        }

        return new TaskData(new RowMatrix(range.Count, inputWidth, inputs), new RowMatrix(range.Count, targetWidth, targets));
    }

    /// <summary>Removes a task's large batches.</summary>
    public Task DeleteAsync(TaskKey task, IEnumerable<StoredBatch> batches, CancellationToken cancellationToken) =>
        batches.Any(batch => batch.InputsHash is not null)
            ? tensors.DeleteAllAsync(TensorScope.Observations(task), cancellationToken)
            : Task.CompletedTask;

    private async Task<RowBlock> GatherAsync(TaskKey task, Guid solve, List<StoredBatch> batches, CancellationToken cancellationToken)
    {
        TensorScope scope = TensorScope.Solve(task, solve);
        int rows = batches.Sum(batch => batch.Rows);
        string inputs = await tensors.PutAsync(scope, StagedRows.ToBytes(Stack(rows, batches.ConvertAll(batch => batch.Inputs!))), cancellationToken);
        string targets = await tensors.PutAsync(scope, StagedRows.ToBytes(Stack(rows, batches.ConvertAll(batch => batch.Targets!))), cancellationToken);
        return new RowBlock(rows, inputs, targets, IsOfSolve: true);
    }

    private static TensorPayload Stack(int rows, List<TensorPayload> parts)
    {
        byte[] bytes = new byte[parts.Sum(part => part.Data.Length)];
        int at = 0;
        foreach (TensorPayload part in parts)
        {
            part.Data.CopyTo(bytes.AsMemory(at));
            at += part.Data.Length;
        }

        return new TensorPayload(TensorElementType.Float64, [rows, parts[0].Shape[1]], bytes);
    }

    private Task<TensorPayload> ReadAsync(TaskKey task, string hash, CancellationToken cancellationToken) =>
        ReadAsync(TensorScope.Observations(task), hash, cancellationToken);

    private async Task<TensorPayload> ReadAsync(TensorScope scope, string hash, CancellationToken cancellationToken) =>
        StagedRows.FromBytes(await tensors.GetAsync(scope, hash, cancellationToken));
}
