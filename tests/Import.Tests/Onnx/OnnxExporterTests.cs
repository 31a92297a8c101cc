using System.Collections.Immutable;
using AdaptCluster.Import.Onnx;
using AdaptCluster.Import.Tests.Support;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using CsCheck;
using OnnxSchema;
using TorchSharp;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>What is exported runs elsewhere and comes back.</summary>
public sealed class OnnxExporterTests
{
    private const double RuntimeTolerance = 1e-4; // 32 bits, through up to a dozen nodes
    private const double RoundTripTolerance = 1e-6; // constants in 32 bits

    private static readonly Gen<int> Seeds = Gen.Int[0, 1_000_000];

    [Fact]
    public void Export_RandomNetwork_RunsInOnnxRuntime() => Seeds.Sample(
        seed =>
        {
            NetworkWeights weights = RandomNetworks.Make(seed);
            RowMatrix x = Inputs(weights.Spec, seed);
            double error = Networks.Error(Networks.Evaluate(weights, x), Runtime.Evaluate(OnnxExporter.Export(weights), x));
            Assert.True(error < RuntimeTolerance, $"{error}: {NetworkSpecFile.ToJson(weights.Spec)}");
        },
        iter: 500,
        threads: 1);

    [Fact]
    public void Import_Exported_GivesTheSameOutputs() => Seeds.Sample(
        seed =>
        {
            NetworkWeights weights = RandomNetworks.Make(seed);
            RowMatrix x = Inputs(weights.Spec, seed);
            NetworkWeights back = OnnxImporter.Import(OnnxExporter.Export(weights), "exported").Weights;
            double error = Networks.Error(Networks.Evaluate(weights, x), Networks.Evaluate(back, x));
            Assert.True(error < RoundTripTolerance, $"{error}: {NetworkSpecFile.ToJson(weights.Spec)}");
            Assert.Equal(Names(weights.Spec.Blocks), Names(back.Spec.Blocks));
        },
        iter: 500,
        threads: 1);

    [Theory]
    [MemberData(nameof(FixtureTests.Names), MemberType = typeof(FixtureTests))]
    public void Import_ExportedFixture_IsTheSameNetwork(string name)
    {
        var fixture = new Fixture(name);
        NetworkWeights weights = OnnxImporter.Import(fixture.Bytes, name).Weights;
        byte[] exported = OnnxExporter.Export(weights);

        NetworkWeights back = OnnxImporter.Import(exported, "exported").Weights;

        RowMatrix x = fixture.Matrix("inputs");
        Assert.InRange(Networks.Error(fixture.Doubles("outputs"), Networks.Evaluate(back, x)), 0, 1e-5);
        Assert.InRange(Networks.Error(fixture.Doubles("outputs"), Runtime.Evaluate(exported, x)), 0, RuntimeTolerance);
        Assert.Equal(Names(weights.Spec.Blocks), Names(back.Spec.Blocks));
        Assert.Equal(exported, OnnxExporter.Export(weights));
    }

    [Fact]
    public void Export_SourceModel_WorksInTheDatasUnits()
    {
        NetworkWeights weights = NetworkWeights.Initialise(NetworkSpec.Mlp(3, [8], 2, Activation.Tanh), 1);
        var model = new SourceModel(weights, new Standardisation([1, -2, 30], [0.5, 2, 7]), new Standardisation([4, -5], [3, 0.1]));
        RowMatrix x = Numbers.Rows(2, 6, 3);
        using var network = new SourceNetwork(model, torch.CPU);

        double[] expected = network.Evaluate(x).Values;
        byte[] exported = OnnxExporter.Export(model);

        Assert.InRange(Networks.Error(expected, Runtime.Evaluate(exported, x)), 0, 1e-5);
        NetworkWeights back = OnnxImporter.Import(exported, "exported").Weights;
        Assert.InRange(Networks.Error(expected, Networks.Evaluate(back, x)), 0, 1e-5);
        Assert.Equal(Names(weights.Spec.Blocks), Names(back.Spec.Blocks));
    }

    [Fact]
    public void Export_Embedding_InputIsWholeOnlyIfNothingElseReadsIt()
    {
        NetworkNode[] nodes =
        [
            new EmbeddingNode { Name = "e", Inputs = ["i"], Vocabulary = 4, Width = 2 },
            new ReshapeNode { Name = "flat", Inputs = ["e"], Shape = [6] },
        ];
        var pure = new NetworkSpec([new NetworkInput("i", [3])], [.. nodes], "flat");
        var mixed = new NetworkSpec([new NetworkInput("i", [3])], [.. nodes, new ConcatNode { Name = "all", Inputs = ["flat", "i"], Axis = 0 }], "all");

        Assert.Equal(TensorProto.Types.DataType.Int64, InputType(pure));
        Assert.Equal(TensorProto.Types.DataType.Float, InputType(mixed));
        NetworkWeights weights = NetworkWeights.Initialise(mixed, 1);
        var x = new RowMatrix(2, 3, [0, 1, 2, 3, 2, 1]);
        byte[] exported = OnnxExporter.Export(weights);
        Assert.InRange(Networks.Error(Networks.Evaluate(weights, x), Runtime.Evaluate(exported, x)), 0, 1e-6);
        Assert.InRange(Networks.Error(Networks.Evaluate(weights, x), Networks.Evaluate(OnnxImporter.Import(exported, "exported").Weights, x)), 0, 1e-6);
    }

    [Fact]
    public void Export_FrozenParameter_IsAnInitializerOfItsName()
    {
        NetworkSpec spec = NetworkSpec.Mlp(2, [3], 1, Activation.ReLU);
        NetworkWeights weights = NetworkWeights.Initialise(spec, 1).Adapting(ParameterSelection.LastLayer);

        ModelProto model = ModelProto.Parser.ParseFrom(OnnxExporter.Export(weights));

        Assert.Equal(Names(spec.Blocks), model.Graph.Initializer.Select(t => t.Name).Order(StringComparer.Ordinal));
    }

    private static TensorProto.Types.DataType InputType(NetworkSpec spec) =>
        (TensorProto.Types.DataType)ModelProto.Parser.ParseFrom(OnnxExporter.Export(NetworkWeights.Initialise(spec, 1))).Graph.Input[0].Type.TensorType.ElemType;

    private static IEnumerable<string> Names(ImmutableArray<ParameterBlock> blocks) => blocks.Select(b => b.Name).Order(StringComparer.Ordinal);

    private static RowMatrix Inputs(NetworkSpec spec, int seed)
    {
        RowMatrix x = Numbers.Rows(seed, 3, spec.InputWidth);
        int numbers = spec.Inputs[0].Shape.Aggregate(1, (p, l) => p * l);
        for (int i = 0; i < x.Values.Length; i++)
        {
            x.Values[i] = i % spec.InputWidth < numbers ? x.Values[i] : i % 4;
        }

        return x;
    }
}
