using AdaptCluster.Import.Tests.Support;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxSchema;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>Damaged and forged files: a refusal or a network that can be, never anything else.</summary>
public sealed class MutationTests(ITestOutputHelper log)
{
    private const int Mutations = 10_000;
    private const int Compared = 150;

    public static TheoryData<string> Names => new(Fixture.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_MutatedBytes_IsRefusedOrValid(string name)
    {
        byte[] original = new Fixture(name).Bytes;
        byte[] other = new Fixture("mlp").Bytes;
        var random = new Random(1);
        int valid = 0;
        for (int i = 0; i < Mutations; i++)
        {
            valid += IsValid(Mutate(original, other, random)) ? 1 : 0;
        }

        log.WriteLine($"{name}: {valid} of {Mutations} were read");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_MutatedGraph_IsRefusedOrValid(string name)
    {
        ModelProto original = ModelProto.Parser.ParseFrom(new Fixture(name).Bytes);
        var random = new Random(2);
        int valid = 0;
        int count = Mutations / (name == "resnet" ? 20 : 5);
        for (int i = 0; i < count; i++)
        {
            ModelProto model = original.Clone();
            for (int k = random.Next(1, 4); k > 0; k--)
            {
                MutateGraph(model.Graph, random);
            }

            valid += IsValid(model.ToByteArray()) ? 1 : 0;
        }

        log.WriteLine($"{name}: {valid} of {count} were read");
    }

    [Theory]
    [InlineData("mlp")]
    [InlineData("tabular")]
    [InlineData("transformer")]
    [InlineData("attention")]
    [InlineData("conv1d")]
    [InlineData("shared")]
    public void Import_MutatedGraphThatIsRead_GivesWhatOnnxRuntimeGives(string name)
    {
        var fixture = new Fixture(name);
        ModelProto original = ModelProto.Parser.ParseFrom(fixture.Bytes);
        var random = new Random(3);
        int compared = 0;
        for (int i = 0; i < Compared; i++)
        {
            ModelProto model = original.Clone();
            MutateGraph(model.Graph, random);
            byte[] bytes = model.ToByteArray();
            if (Measured.Import(bytes)?.Weights is { } weights && weights.Spec.FlopsPerRow < 1e7 && weights.Spec.InputWidth == fixture.Matrix("inputs").Columns && Outputs(weights, fixture) is { } ours && Theirs(bytes, fixture) is { } theirs)
            {
                compared++;
                Assert.True(Networks.Error(theirs, ours) < 1e-3, $"mutation {i}: {NetworkSpecFile.ToJson(weights.Spec)}");
            }
        }

        log.WriteLine($"{name}: {compared} of {Compared} were compared");
    }

    // Null where an index is out of range or a number overflows: both refuse that when it happens.
    private static double[]? Outputs(NetworkWeights weights, Fixture fixture)
    {
        try
        {
            return Networks.Evaluate(weights, fixture.Matrix("inputs"));
        }
        catch (Exception error) when (error is NumericsException or ArgumentException)
        {
            return null;
        }
    }

    private static double[]? Theirs(byte[] bytes, Fixture fixture)
    {
        try
        {
            double[] outputs = Runtime.Evaluate(bytes, fixture.Matrix("inputs"));
            return outputs.All(double.IsFinite) ? outputs : null;
        }
        catch (Exception error) when (error is OnnxRuntimeException or ArgumentException)
        {
            return null;
        }
    }

    private static bool IsValid(byte[] bytes)
    {
        if (Measured.Import(bytes) is not { } network)
        {
            return false;
        }

        // A specification checks itself; this one is written and read too.
        Assert.Equal(network.Weights.Spec.ParameterCount, network.Weights.Values.Length);
        Assert.True(network.Weights.Spec.Outputs > 0);
        return true;
    }

    private static byte[] Mutate(byte[] original, byte[] other, Random random)
    {
        byte[] bytes = [.. original];
        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (int k = random.Next(1, 8); k > 0; k--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                return bytes;
            case 2:
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 3:
                int from = random.Next(bytes.Length);
                int length = random.Next(1, Math.Min(64, bytes.Length - from) + 1);
                byte[] part = other.AsSpan(random.Next(other.Length - 1)).ToArray();
                return [.. bytes[..from], .. part[..Math.Min(length, part.Length)], .. bytes[(from + random.Next(length))..]];
            default:
                int start = random.Next(bytes.Length);
                int end = Math.Min(bytes.Length, start + random.Next(1, 200));
                return [.. bytes[..end], .. bytes[start..]];
        }
    }

    private static void MutateGraph(GraphProto graph, Random random)
    {
        NodeProto node = graph.Node[random.Next(graph.Node.Count)];
        NodeProto second = graph.Node[random.Next(graph.Node.Count)];
        long[] numbers = [0, 1, -1, 2, 3, 7, 64, -2, int.MaxValue, long.MaxValue, long.MinValue, 1L << 31, 1L << 40];
        long number = numbers[random.Next(numbers.Length)];
        switch (random.Next(11))
        {
            case 0 when node.Input.Count > 0:
                node.Input[random.Next(node.Input.Count)] = second.Output.FirstOrDefault() ?? string.Empty;
                break;
            case 1 when node.Input.Count > 0 && second.Input.Count > 0:
                node.Input[random.Next(node.Input.Count)] = second.Input[random.Next(second.Input.Count)];
                break;
            case 2:
                node.OpType = second.OpType;
                break;
            case 3 when node.Attribute.Count > 0:
                AttributeProto attribute = node.Attribute[random.Next(node.Attribute.Count)];
                attribute.I = number;
                if (attribute.Ints.Count > 0)
                {
                    attribute.Ints[random.Next(attribute.Ints.Count)] = number;
                }

                break;
            case 4 when node.Attribute.Count > 0:
                node.Attribute.RemoveAt(random.Next(node.Attribute.Count));
                break;
            case 5 when node.Attribute.Count > 0:
                AttributeProto typed = node.Attribute[random.Next(node.Attribute.Count)];
                typed.Type = (AttributeProto.Types.AttributeType)random.Next(12);
                break;
            case 6:
                TensorProto tensor = graph.Initializer[random.Next(graph.Initializer.Count)];
                _ = random.Next(2) == 0 && tensor.Dims.Count > 0 ? tensor.Dims[random.Next(tensor.Dims.Count)] = number : tensor.DataType = random.Next(20);
                break;
            case 7:
                TypeProto type = graph.Input[random.Next(graph.Input.Count)].Type;
                type.TensorType.Shape.Dim[random.Next(type.TensorType.Shape.Dim.Count)].DimValue = number;
                break;
            case 8 when node.Attribute.Count > 0 && node.Attribute[0].T is { } constant && constant.RawData.Length == 8:
                constant.RawData = ByteString.CopyFrom(BitConverter.GetBytes(number));
                break;
            case 9:
                graph.Node.Remove(node);
                graph.Node.Insert(random.Next(graph.Node.Count + 1), node);
                break;
            case 10:
                node.Input.Add(second.Output.FirstOrDefault() ?? string.Empty);
                break;
            default:
                graph.Node.Add(second.Clone());
                break;
        }
    }
}
