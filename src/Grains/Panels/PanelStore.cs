using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AdaptCluster.Formats.Safetensors;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Panels;

namespace AdaptCluster.Grains.Panels;

/// <summary>A panel's inputs, batches and solutions in the tensor store.</summary>
internal sealed class PanelStore(ITensorStore tensors)
{
    /// <summary>The hash that inputs have or would have.</summary>
    public static string HashOf(RowMatrix inputs) => HashOf(FileOf(inputs));

    /// <summary>The hash that a file has or would have.</summary>
    public static string HashOf(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));

    /// <summary>Keeps the inputs; durable on return.</summary>
    /// <returns>Their content hash.</returns>
    public Task<string> StoreAsync(PanelKey panel, RowMatrix inputs, CancellationToken cancellationToken) =>
        tensors.PutAsync(TensorScope.Panel(panel), FileOf(inputs), cancellationToken);

    /// <summary>A checked batch as the file that it is kept in.</summary>
    public static byte[] FileOf(PanelBatch batch)
    {
        double[] ones = [.. Enumerable.Repeat(1.0, batch.Targets.Length)];
        return new SafetensorsFile(
        [
            TensorFiles.FromPayload("values", batch.Values),
            TensorFiles.FromPayload("observed", batch.Observed),
            TensorFiles.FromPayload("noise", batch.NoiseScales ?? Vector(ones)),
            TensorFiles.FromPayload("prior", batch.PriorScales ?? Vector(ones)),
        ]).ToBytes();
    }

    /// <summary>Keeps a batch's file; durable on return.</summary>
    /// <returns>Its content hash.</returns>
    public Task<string> StoreAsync(PanelKey panel, int number, byte[] batch, CancellationToken cancellationToken) =>
        tensors.PutAsync(TensorScope.PanelBatch(panel, number), batch, cancellationToken);

    /// <summary>The inputs.</summary>
    /// <exception cref="StoreException">They are missing or damaged.</exception>
    public async Task<RowMatrix> ReadInputsAsync(PanelKey panel, PanelState state, CancellationToken cancellationToken)
    {
        TensorPayload rows = Read(
            await tensors.GetAsync(TensorScope.Panel(panel), state.InputsHash, cancellationToken), panel, bytes => StagedRows.FromBytes(bytes));
        return new RowMatrix(rows.Shape[0], rows.Shape[1], rows.ToDoubles());
    }

    /// <summary>What some targets observed, in their order.</summary>
    /// <exception cref="StoreException">A batch is missing or damaged.</exception>
    public async Task<PanelTargets> ReadTargetsAsync(
        PanelKey panel, PanelState state, ImmutableArray<StoredPanelTarget> targets, int outputs, CancellationToken cancellationToken)
    {
        int rows = state.Inputs;
        int count = targets.Length;
        double[] values = new double[(long)rows * count * outputs];
        bool[] observed = new bool[rows * count];
        double[] noise = new double[count];
        double[] prior = new double[count];
        foreach (IGrouping<int, int> group in Enumerable.Range(0, count).GroupBy(t => targets[t].Batch))
        {
            StoredPanelBatch batch = state.Batches[group.Key - 1];
            SafetensorsFile file = Read(
                await tensors.GetAsync(TensorScope.PanelBatch(panel, batch.Number), batch.Hash, cancellationToken), panel, TensorFiles.Parse);
            double[] batchValues = TensorFiles.Doubles(file, "values");
            byte[] marks = TensorFiles.ToPayload(file, "observed").Data.ToArray();
            (double[] batchNoise, double[] batchPrior) = (TensorFiles.Doubles(file, "noise"), TensorFiles.Doubles(file, "prior"));
            int width = batchNoise.Length;
            foreach (int t in group)
            {
                int column = targets[t].Column;
                (noise[t], prior[t]) = (batchNoise[column], batchPrior[column]);
                for (int i = 0; i < rows; i++)
                {
                    observed[(i * count) + t] = marks[(i * width) + column] == 1;
                    batchValues.AsSpan(((i * width) + column) * outputs, outputs).CopyTo(values.AsSpan(((i * count) + t) * outputs));
                }
            }
        }

        return new PanelTargets(new RowMatrix(rows, count * outputs, values), observed, [.. noise], [.. prior]);
    }

    /// <summary>Keeps the solutions of a block; durable on return.</summary>
    /// <returns>Their content hash.</returns>
    public Task<string> StoreAsync(PanelKey panel, int block, PanelTargets targets, PanelSolution solution, CancellationToken cancellationToken) =>
        tensors.PutAsync(TensorScope.PanelBlock(panel, block), PanelSolutionFile.ToBytes(targets, solution), cancellationToken);

    /// <summary>The solutions of a block.</summary>
    /// <exception cref="StoreException">They are missing or damaged.</exception>
    public async Task<(PanelTargets Targets, PanelSolution Solution)> ReadAsync(
        PanelKey panel, PanelState state, StoredPanelBlock block, CancellationToken cancellationToken)
    {
        RowMatrix inputs = await ReadInputsAsync(panel, state, cancellationToken);
        byte[] file = await tensors.GetAsync(TensorScope.PanelBlock(panel, block.Number), block.Hash, cancellationToken);
        return Read(file, panel, bytes => PanelSolutionFile.Parse(bytes, inputs));
    }

    /// <summary>Removes a batch's file.</summary>
    public Task DeleteBatchAsync(PanelKey panel, StoredPanelBatch batch, CancellationToken cancellationToken) =>
        tensors.DeleteAllAsync(TensorScope.PanelBatch(panel, batch.Number), cancellationToken);

    /// <summary>Removes a block's file.</summary>
    public Task DeleteBlockAsync(PanelKey panel, StoredPanelBlock block, CancellationToken cancellationToken) =>
        tensors.DeleteAllAsync(TensorScope.PanelBlock(panel, block.Number), cancellationToken);

    /// <summary>Removes everything.</summary>
    public Task DeleteAsync(PanelKey panel, CancellationToken cancellationToken) =>
        tensors.DeleteAllAsync(TensorScope.Panel(panel), cancellationToken);

    private static byte[] FileOf(RowMatrix inputs) => StagedRows.ToBytes(TensorPayload.FromMatrix(inputs.Values, inputs.Rows, inputs.Columns));

    private static TensorPayload Vector(double[] values) =>
        new(TensorElementType.Float64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static T Read<T>(byte[] file, PanelKey panel, Func<byte[], T> parse)
    {
        try
        {
            return parse(file);
        }
        catch (InvalidDataException error)
        {
            throw new StoreException($"a file of panel '{panel.Panel}' in the tensor store: {error.Message}; restore it from a backup.", isRetryable: false);
        }
    }
}
