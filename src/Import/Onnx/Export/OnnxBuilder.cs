using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxSchema;

namespace AdaptCluster.Import.Onnx.Export;

/// <summary>Puts an ONNX graph together.</summary>
internal sealed class OnnxBuilder
{
    internal const string Batch = "batch";
    private const int Opset = 17;
    private const int Ir = 8;

    private readonly GraphProto _graph = new() { Name = "network" };
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private int _made;

    /// <summary>A name that is taken from now on: the wanted one, or one like it.</summary>
    internal string Take(string wanted)
    {
        string name = wanted;
        while (!_names.Add(name))
        {
            name = $"{wanted}/{++_made}";
        }

        return name;
    }

    /// <summary>Adds an operator with one output; its name.</summary>
    internal string Add(string type, ReadOnlySpan<string> inputs, string? name, params ReadOnlySpan<AttributeProto> attributes)
    {
        string output = Take(name ?? $"{inputs[0]}/{type}");
        var node = new NodeProto { OpType = type, Name = output };
        foreach (string input in inputs)
        {
            node.Input.Add(input);
        }

        foreach (AttributeProto attribute in attributes)
        {
            node.Attribute.Add(attribute);
        }

        node.Output.Add(output);
        _graph.Node.Add(node);
        return output;
    }

    internal void AddInput(string name, bool isWhole, ImmutableArray<int> shape) =>
        _graph.Input.Add(Describe(name, isWhole ? TensorProto.Types.DataType.Int64 : TensorProto.Types.DataType.Float, shape));

    internal void AddOutput(string name, int outputs) => _graph.Output.Add(Describe(name, TensorProto.Types.DataType.Float, [outputs]));

    /// <summary>A tensor of the file; the name must have been taken.</summary>
    internal void AddInitializer(string name, ImmutableArray<int> shape, ReadOnlySpan<float> values) => _graph.Initializer.Add(Tensor(name, shape, values));

    /// <summary>A constant of the graph.</summary>
    internal string Constant(ImmutableArray<int> shape, ReadOnlySpan<float> values, string? name = null) =>
        Constant(Tensor(string.Empty, shape, values), name);

    internal string Scalar(double value) => Constant([], [(float)value]);

    /// <summary>A constant list of whole numbers.</summary>
    internal string Wholes(params ReadOnlySpan<long> values)
    {
        var tensor = new TensorProto { DataType = (int)TensorProto.Types.DataType.Int64, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        tensor.Dims.Add(values.Length);
        return Constant(tensor, null);
    }

    internal byte[] ToBytes()
    {
        var model = new ModelProto { IrVersion = Ir, ProducerName = "AdaptCluster", Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = string.Empty, Version = Opset });
        return model.ToByteArray();
    }

    internal static AttributeProto Integer(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    internal static AttributeProto Number(string name, double value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = (float)value };

    internal static AttributeProto Integers(string name, IEnumerable<int> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values.Select(v => (long)v));
        return attribute;
    }

    private string Constant(TensorProto tensor, string? name)
    {
        string output = Take(name ?? $"constant/{++_made}");
        var node = new NodeProto { OpType = "Constant", Name = output };
        node.Output.Add(output);
        node.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = tensor });
        _graph.Node.Add(node);
        return output;
    }

    private static TensorProto Tensor(string name, ImmutableArray<int> shape, ReadOnlySpan<float> values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        tensor.Dims.AddRange(shape.Select(l => (long)l));
        return tensor;
    }

    private static ValueInfoProto Describe(string name, TensorProto.Types.DataType type, ImmutableArray<int> row)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = Batch });
        shape.Dim.AddRange(row.Select(l => new TensorShapeProto.Types.Dimension { DimValue = l }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
