using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxSchema;
using AttributeType = OnnxSchema.AttributeProto.Types.AttributeType;
using DataType = OnnxSchema.TensorProto.Types.DataType;

namespace AdaptCluster.Import.Tests.Support;

/// <summary>ONNX files made by hand.</summary>
internal sealed class TestModel
{
    private int _seed = 7;
    private int _made;

    public TestModel(int opset = 17)
    {
        Model = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "test" } };
        Model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
    }

    public ModelProto Model { get; }

    public GraphProto Graph => Model.Graph;

    /// <summary>An input [batch, shape]; batch 0 is dynamic.</summary>
    public string Input(string name, int[] shape, DataType type = DataType.Float, int batch = 0)
    {
        Graph.Input.Add(Describe(name, shape, type, batch));
        return name;
    }

    public string Output(string name)
    {
        Graph.Output.Add(new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        return name;
    }

    public string Parameter(string name, params int[] shape)
    {
        float[] values = [.. Support.Numbers.Normals(_seed++, shape.Aggregate(1, (p, l) => p * l)).Select(v => (float)(0.5 + (0.3 * v)))];
        return Initializer(name, values, shape);
    }

    public string Initializer(string name, float[] values, params int[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values)) };
        tensor.Dims.AddRange(shape.Select(l => (long)l));
        Graph.Initializer.Add(tensor);
        return name;
    }

    public string Wholes(params long[] values) => Constant(Int64(values, values.Length));

    public string Whole(long value) => Constant(Int64([value]));

    public string Number(float value) => Constant(Floats([value]));

    public string Numbers(params float[] values) => Constant(Floats(values, values.Length));

    public string Constant(TensorProto tensor) => Node("Constant", [], ("value", tensor));

    public string Node(string type, string[] inputs, params (string Name, object Value)[] attributes) => Nodes(type, inputs, 1, attributes)[0];

    public string[] Nodes(string type, string[] inputs, int outputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = $"{type}_{++_made}" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(Enumerable.Range(0, outputs).Select(i => $"v{_made}_{i}"));
        node.Attribute.AddRange(attributes.Select(a => Attribute(a.Name, a.Value)));
        Graph.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>Multiplies by a parameter, so that there is one.</summary>
    public string Scaled(string value) => Node("Mul", [value, Graph.Initializer.Any(t => t.Name == "scale") ? "scale" : Parameter("scale", 1)]);

    /// <summary>The file, whose output is a value flattened.</summary>
    public byte[] Finish(string value)
    {
        Output(Node("Flatten", [value]));
        return ToBytes();
    }

    public byte[] ToBytes() => Model.ToByteArray();

    public static ValueInfoProto Describe(string name, int[] shape, DataType type, int batch)
    {
        var dims = new TensorShapeProto();
        dims.Dim.Add(batch == 0 ? new TensorShapeProto.Types.Dimension { DimParam = "batch" } : new TensorShapeProto.Types.Dimension { DimValue = batch });
        dims.Dim.AddRange(shape.Select(l => new TensorShapeProto.Types.Dimension { DimValue = l }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dims } } };
    }

    public static TensorProto Int64(long[] values, params int[] shape)
    {
        var tensor = new TensorProto { DataType = (int)DataType.Int64 };
        tensor.Int64Data.AddRange(values);
        tensor.Dims.AddRange(shape.Select(l => (long)l));
        return tensor;
    }

    public static TensorProto Floats(float[] values, params int[] shape)
    {
        var tensor = new TensorProto { DataType = (int)DataType.Float };
        tensor.FloatData.AddRange(values);
        tensor.Dims.AddRange(shape.Select(l => (long)l));
        return tensor;
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int or long:
                (attribute.Type, attribute.I) = (AttributeType.Int, Convert.ToInt64(value));
                break;
            case float number:
                (attribute.Type, attribute.F) = (AttributeType.Float, number);
                break;
            case string text:
                (attribute.Type, attribute.S) = (AttributeType.String, ByteString.CopyFromUtf8(text));
                break;
            case int[] list:
                attribute.Type = AttributeType.Ints;
                attribute.Ints.AddRange(list.Select(l => (long)l));
                break;
            case TensorProto tensor:
                (attribute.Type, attribute.T) = (AttributeType.Tensor, tensor);
                break;
            case GraphProto graph:
                (attribute.Type, attribute.G) = (AttributeType.Graph, graph);
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no attribute.", nameof(value));
        }

        return attribute;
    }
}
