using System.Collections.Immutable;
using AdaptCluster.Formats;
using Google.Protobuf;
using OnnxSchema;

namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>Reads a file into a checked graph.</summary>
internal sealed class OnnxModelReader(ModelErrors errors, ExternalFiles? external, ImportBudget budget)
{
    internal const int FirstOpset = 13;
    internal const int LastOpset = 21;
    private const int FirstIr = 4; // initializers that are no inputs
    private const int LastIr = 13;
    private const int LargestInput = 1 << 28;

    private const string DynamicAxes =
        "export with a dynamic batch axis: torch.onnx.export(..., input_names=[\"x\"], dynamic_axes={\"x\": {0: \"batch\"}})";

    /// <exception cref="ModelFileException">The file is damaged or holds what is not read.</exception>
    internal OnnxGraph Read(ReadOnlyMemory<byte> bytes, string? output)
    {
        new WireCheck(errors, budget).Require(ModelProto.Descriptor, bytes.Span);
        ModelProto model = Parse(bytes);
        GraphProto graph = RequireModel(model);
        var names = new HashSet<string>(StringComparer.Ordinal);
        Dictionary<string, OnnxTensor> initializers = ReadInitializers(graph, names);
        var inputs = new List<OnnxInput>();
        foreach (ValueInfoProto input in graph.Input.Where(i => !initializers.ContainsKey(i.Name)))
        {
            Add(names, input.Name, "input");
            inputs.Add(ReadInput(input));
        }

        OnnxNode[] nodes = [.. graph.Node.Select(node => new OnnxNode(node, errors))];
        foreach (OnnxNode node in nodes)
        {
            foreach (string name in node.Outputs.Where(o => o.Length > 0))
            {
                if (!names.Add(name))
                {
                    throw node.Refuse($"its output {ModelErrors.Quote(name)} has the name of another value", ModelErrors.ExportAgain);
                }
            }
        }

        return new OnnxGraph([.. nodes], initializers, [.. inputs], OutputOf(graph, output), OpsetOf(model)) { Names = names };
    }

    private ModelProto Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw errors.Of(null, "it is cut off, damaged or no ONNX file", "copy or export the file again", error);
        }
    }

    private GraphProto RequireModel(ModelProto model)
    {
        if (model.Graph is null)
        {
            throw errors.Of(null, "it is no ONNX file, or one without a graph", "copy or export the file again");
        }

        if (model.IrVersion is < FirstIr or > LastIr)
        {
            throw errors.Of(null, $"its IR version is {model.IrVersion}; {FirstIr} to {LastIr} are read", "export it with a current onnx package");
        }

        if (model.TrainingInfo.Count > 0 || model.Functions.Count > 0)
        {
            throw errors.Of(null, $"it has {(model.Functions.Count > 0 ? "functions" : "training information")}, which are not read", "export it for inference, without functions (onnx.inliner.inline_local_functions writes them out)");
        }

        if (model.Graph.SparseInitializer.Count > 0 || model.Graph.QuantizationAnnotation.Count > 0)
        {
            throw errors.Of(null, "it has sparse or quantised tensors, which are not read", "export the network with dense 32-bit weights");
        }

        return model.Graph;
    }

    private int OpsetOf(ModelProto model)
    {
        long[] versions = [.. model.OpsetImport.Where(o => o.Domain is "" or "ai.onnx").Select(o => o.Version)];
        return versions is [>= FirstOpset and <= LastOpset]
            ? (int)versions[0]
            : throw errors.Of(
                null,
                versions.Length == 1 ? $"its operators are of opset {versions[0]}; {FirstOpset} to {LastOpset} are read" : "it does not say once which opset its operators are of",
                "export it with opset_version=17");
    }

    private Dictionary<string, OnnxTensor> ReadInitializers(GraphProto graph, HashSet<string> names)
    {
        var initializers = new Dictionary<string, OnnxTensor>(StringComparer.Ordinal);
        foreach (TensorProto tensor in graph.Initializer)
        {
            Add(names, tensor.Name, "tensor");
            initializers.Add(tensor.Name, OnnxTensor.Read(tensor, $"tensor {ModelErrors.Quote(tensor.Name)}", errors, external));
        }

        return initializers;
    }

    private void Add(HashSet<string> names, string name, string what)
    {
        if (name.Length == 0 || !names.Add(name))
        {
            throw errors.Of($"{what} {ModelErrors.Quote(name)}", name.Length == 0 ? "it has no name" : "another value has its name", ModelErrors.ExportAgain);
        }
    }

    private OnnxInput ReadInput(ValueInfoProto input)
    {
        string where = $"input {ModelErrors.Quote(input.Name)}";
        if (input.Type?.TensorType is not { Shape: { } shape } type)
        {
            throw errors.Of(where, "it is no tensor of a known shape", ModelErrors.ExportAgain);
        }

        bool isInteger = (TensorProto.Types.DataType)type.ElemType is TensorProto.Types.DataType.Int64 or TensorProto.Types.DataType.Int32;
        if (!isInteger && !OnnxTypes.IsFloat(type.ElemType))
        {
            throw errors.Of(where, $"its elements are {OnnxTypes.Name(type.ElemType)}; numbers or whole numbers of 32 or 64 bits are read", "give it numbers instead");
        }

        long batch = shape.Dim.Count == 0 ? long.MaxValue : LengthOf(shape.Dim[0]);
        if (batch > 1)
        {
            throw errors.Of(where, shape.Dim.Count == 0 ? "it has no axis of rows" : $"its first axis, that of the rows, is fixed to {batch}", DynamicAxes);
        }

        ImmutableArray<int>.Builder lengths = ImmutableArray.CreateBuilder<int>(shape.Dim.Count - 1);
        long count = 1;
        for (int axis = 1; axis < shape.Dim.Count; axis++)
        {
            long length = LengthOf(shape.Dim[axis]);
            count = length is > 0 and <= LargestInput && axis < 8 ? count * length : 0;
            if (count is 0 or > LargestInput)
            {
                throw errors.Of(where, $"its axis {axis} has no fixed length that can be", "export with example inputs of the right size and a dynamic axis 0 only");
            }

            lengths.Add((int)length);
        }

        return new OnnxInput(input.Name, isInteger, lengths.MoveToImmutable(), batch == 1);
    }

    // -1 where it is dynamic.
    private static long LengthOf(TensorShapeProto.Types.Dimension dimension) =>
        dimension.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dimension.DimValue > 0 ? dimension.DimValue : -1;

    private string OutputOf(GraphProto graph, string? wanted)
    {
        string[] outputs = [.. graph.Output.Select(o => o.Name)];
        string list = string.Join(", ", outputs.Take(12).Select(ModelErrors.Quote));
        if (wanted is null)
        {
            return outputs is [var only]
                ? only
                : throw errors.Of(null, outputs.Length == 0 ? "it has no output" : $"it has {outputs.Length} outputs", outputs.Length == 0 ? ModelErrors.ExportAgain : $"name the one that is wanted: {list}");
        }

        return outputs.Contains(wanted, StringComparer.Ordinal)
            ? wanted
            : throw errors.Of(null, $"it has no output {ModelErrors.Quote(wanted)}", $"name one of {list}");
    }
}
