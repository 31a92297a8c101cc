using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Tensors;

/// <summary>Reads a staged data set back, checked.</summary>
internal sealed class StagedRows(ITensorStore store)
{
    private const string TensorName = "rows";

    public static byte[] ToBytes(TensorPayload rows) =>
        new SafetensorsFile([TensorFiles.FromPayload(TensorName, rows)]).ToBytes();

    public static TensorPayload FromBytes(byte[] bytes) => TensorFiles.ToPayload(TensorFiles.Parse(bytes), TensorName);

    /// <summary>Whether what was staged adds up, before any of it is read.</summary>
    /// <returns>The number of rows.</returns>
    /// <exception cref="InvalidInputException">It does not.</exception>
    public static int RequireShape(StagedDataset dataset, int inputWidth, int targetWidth)
    {
        if (dataset.Chunks.Length == 0 || dataset.Chunks.Any(chunk => chunk.Rows <= 0))
        {
            throw new InvalidInputException("data", "it has no rows", "give at least two");
        }

        long rows = dataset.Chunks.Sum(chunk => (long)chunk.Rows);
        if (rows * Math.Max(inputWidth, targetWidth) > Array.MaxLength)
        {
            throw new InvalidInputException("data", $"{rows} rows of {inputWidth} columns do not fit", "give fewer rows");
        }

        return dataset.RowsPerTask.Any(count => count <= 0) || dataset.RowsPerTask.Sum(count => (long)count) != rows
            ? throw new InvalidInputException("data", "the rows per task do not add up to the rows", "send them again")
            : (int)rows;
    }

    /// <summary>All rows, in order.</summary>
    /// <exception cref="InvalidInputException">The parts do not have that width, or a number is not finite.</exception>
    /// <exception cref="StoreException">A part is not there any more.</exception>
    public Task<TaskData> ReadAsync(StagedDataset dataset, NetworkSpec network, CancellationToken cancellationToken) =>
        ReadRangeAsync(dataset, 0, RequireShape(dataset, network.InputWidth, network.Outputs), network, cancellationToken);

    /// <summary>Some rows, in order; only the chunks that have some of them are read.</summary>
    /// <param name="dataset">The chunks.</param>
    /// <param name="first">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="network">Whose rows they are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">The parts do not have that width, or a number is not finite.</exception>
    /// <exception cref="StoreException">A part is not there any more.</exception>
    public async Task<TaskData> ReadRangeAsync(StagedDataset dataset, int first, int rows, NetworkSpec network, CancellationToken cancellationToken)
    {
        int inputWidth = network.InputWidth;
        int targetWidth = network.Outputs;
        double[] inputs = new double[(long)rows * inputWidth];
        double[] targets = new double[(long)rows * targetWidth];
        int start = -first;
        foreach (StagedChunk chunk in dataset.Chunks)
        {
            int from = Math.Max(0, -start);
            int count = Math.Min(chunk.Rows, rows - start) - from;
            if (count > 0)
            {
                TensorPayload x = await ReadPartAsync(dataset.Upload, chunk.Inputs, cancellationToken);
                PayloadChecks.RequireInputs(x, inputWidth, network.IndexBounds, chunk.Rows).AsSpan(from * inputWidth, count * inputWidth)
                    .CopyTo(inputs.AsSpan((start + from) * inputWidth));
                TensorPayload y = await ReadPartAsync(dataset.Upload, chunk.Targets, cancellationToken);
                PayloadChecks.RequireMatrix(y, "targets", targetWidth, chunk.Rows).AsSpan(from * targetWidth, count * targetWidth)
                    .CopyTo(targets.AsSpan((start + from) * targetWidth));
            }

            start += chunk.Rows;
        }

        return new TaskData(new RowMatrix(rows, inputWidth, inputs), new RowMatrix(rows, targetWidth, targets));
    }

    /// <summary>Inputs that were staged without targets, all rows in order.</summary>
    /// <param name="staged">What was sent; the caller has checked that so many rows may be.</param>
    /// <param name="network">Whose inputs they are.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">The parts do not have that width or number of rows, or a number is not finite.</exception>
    /// <exception cref="StoreException">A part is not there any more.</exception>
    public async Task<RowMatrix> ReadInputsAsync(StagedInputs staged, NetworkSpec network, CancellationToken cancellationToken)
    {
        int width = network.InputWidth;
        double[] inputs = new double[staged.Rows * width];
        int start = 0;
        foreach (string hash in staged.Parts)
        {
            double[] part = PayloadChecks.RequireInputs(await ReadPartAsync(staged.Upload, hash, cancellationToken), width, network.IndexBounds);
            if (part.Length > inputs.Length - start)
            {
                break;
            }

            part.CopyTo(inputs, start);
            start += part.Length;
        }

        return start == inputs.Length
            ? new RowMatrix(staged.Rows, width, inputs)
            : throw new InvalidInputException("inputs", $"the parts do not add up to {staged.Rows} rows", "send them again");
    }

    /// <summary>The parts, which go when it is disposed: however the operation ends that they were sent for.</summary>
    public StagedParts Of(StagedInputs inputs) => new(store, TensorScope.Staging(inputs.Upload));

    /// <summary>The parts, which go when it is disposed: however the operation ends that they were sent for.</summary>
    public StagedParts Of(StagedDataset dataset) => new(store, TensorScope.Staging(dataset.Upload));

    private async Task<TensorPayload> ReadPartAsync(Guid upload, string hash, CancellationToken cancellationToken) =>
        FromBytes(await store.GetAsync(TensorScope.Staging(upload), hash, cancellationToken));
}
