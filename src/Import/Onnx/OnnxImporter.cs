using System.Collections.Immutable;
using AdaptCluster.Formats;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Fusion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx;

/// <summary>
/// Reads ONNX files, opset 13 to 21, as networks whose rows do not mix. docs/operators.md lists the operators. Shapes are inferred here,
/// with the number of rows as a symbol; nothing is computed, so nothing in a file can do more than be refused.
/// </summary>
/// <remarks>
/// Allocates at most twice the size of the file and 64 MiB (three times, where weights are of 16 bits: they become 32), and takes time in
/// proportion to the size of the file.
/// </remarks>
public static class OnnxImporter
{
    /// <summary>Reads a network.</summary>
    /// <param name="model">The file's content; not needed after the call.</param>
    /// <param name="file">The file as errors name it.</param>
    /// <param name="external">Gives the content of files with large tensors, such as <see cref="ExternalData.InFolder"/>; null refuses them.</param>
    /// <param name="output">The output that is wanted; null for the only one.</param>
    /// <exception cref="ModelFileException">The file is damaged or holds what is not read. No other exception comes from any content.</exception>
    public static ImportedNetwork Import(ReadOnlyMemory<byte> model, string file, Func<string, ReadOnlyMemory<byte>>? external = null, string? output = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        var errors = new ModelErrors(file);
        ExternalFiles? files = external is null ? null : new ExternalFiles(external, errors);
        var budget = new ImportBudget(errors, model.Length);
        OnnxGraph graph = new OnnxModelReader(errors, files, budget).Read(model, output);
        var conversion = new GraphConversion(graph, errors, files, budget);
        RowValue result = WithOneAxis(conversion.Run(), conversion);
        try
        {
            ImmutableArray<NetworkNode> nodes = NetworkFusion.Apply(conversion, result.Node);
            var spec = new NetworkSpec([.. graph.Inputs.Select(i => new NetworkInput(i.Name, i.Shape))], nodes, result.Node);
            return new ImportedNetwork(WeightsOf(spec, conversion), graph.Opset, [.. graph.Inputs.Where(i => i.IsInteger).Select(i => i.Name)]);
        }
        catch (InvalidNetworkException error)
        {
            throw errors.Of(error.Node is null ? null : $"node {ModelErrors.Quote(error.Node)}", error.Problem, "see docs/operators.md for what a network can be", error);
        }
    }

    // The output is [N, c]; other axes become one.
    private static RowValue WithOneAxis(RowValue output, GraphConversion conversion)
    {
        ImmutableArray<Axis> axes = output.Shape.Axes;
        if (axes.IsEmpty || !axes[0].IsRows)
        {
            throw conversion.Errors.Of(
                $"output {ModelErrors.Quote(conversion.Graph.Output)}", $"it has the shape {output.Shape}; its first axis must be that of the rows, N, alone", "give one line of outputs per row");
        }

        if (output.Shape.Row.Length == 1)
        {
            return output;
        }

        int number = 0;
        var flat = new ReshapeNode { Name = conversion.Unused(output.Node, ref number), Inputs = [output.Node], Shape = [(int)output.Shape.Count] };
        conversion.Add(flat, flat.Shape);
        return new RowValue(flat.Name, SymbolicShape.OfRows(flat.Shape));
    }

    private static NetworkWeights WeightsOf(NetworkSpec spec, GraphConversion conversion)
    {
        float[] values = Gather(spec.Blocks, conversion);
        float[] others = Gather(spec.Fixed, conversion);
        try
        {
            return new NetworkWeights(spec, values, others);
        }
        catch (ArgumentException error)
        {
            throw conversion.Errors.Of(null, error.Message.Split(" (Parameter")[0].TrimEnd('.'), "export the network again, in evaluation mode", error);
        }
    }

    private static float[] Gather(ImmutableArray<ParameterBlock> blocks, GraphConversion conversion)
    {
        conversion.Budget.Take(blocks.Sum(b => (long)b.Count * conversion.Tensors[b.Name].BytesPerNumber));
        var values = new float[blocks.IsEmpty ? 0 : blocks[^1].Offset + blocks[^1].Count];
        foreach (ParameterBlock block in blocks)
        {
            Span<float> target = values.AsSpan(block.Offset, block.Count);
            conversion.Tensors[block.Name].CopyTo(target);
            foreach (float value in target)
            {
                if (!float.IsFinite(value))
                {
                    throw conversion.Errors.Of($"tensor {ModelErrors.Quote(block.Name)}", "a value of it is not finite in 32 bits", "repair the weights; for masks use a large negative number such as -1e9");
                }
            }
        }

        return values;
    }
}
