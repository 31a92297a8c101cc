using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Models;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Tests.Sources;

/// <summary>Networks that a request describes by JSON, trained here and registered.</summary>
[Collection(nameof(SharedSilo))]
public sealed class NetworkByDescriptionTests(SharedSilo shared)
{
    /// <summary>An embedding of a category beside an image of 1 x 4 x 4, with a batch norm.</summary>
    private const string Spec =
        """
        {"inputs":[{"name":"kind","shape":[1]},{"name":"image","shape":[1,4,4]}],"output":"head","nodes":[
          {"op":"embedding","name":"table","inputs":["kind"],"vocabulary":3,"width":2},
          {"op":"reshape","name":"looked","inputs":["table"],"shape":[2]},
          {"op":"conv","name":"conv","inputs":["image"],"outputs":3,"kernel":[3,3]},
          {"op":"batch-norm","name":"norm","inputs":["conv"]},
          {"op":"activation","name":"relu","inputs":["norm"],"function":"ReLU"},
          {"op":"reshape","name":"flat","inputs":["relu"],"shape":[12]},
          {"op":"concat","name":"both","inputs":["looked","flat"],"axis":0},
          {"op":"linear","name":"head","inputs":["both"],"outputs":1}]}
        """;

    private static readonly InputSchema Schema = new([new InputColumn("kind", ["a", "b", "c"]) { IsIndex = true }, new InputColumn("image", []) { Length = 16 }]);

    [Fact]
    public async Task TrainAsync_BySpec_LearnsAllAndAdaptsWhatIsSelected()
    {
        SourceHandle source = shared.NewTenant().Source("s");
        LabelledRows rows = Rows(400);

        SourceDescription trained = await source.TrainAsync(
            rows, Schema, ["y"], new TrainingOptions { Spec = Spec, Adapting = "head.*", Epochs = 60, LearningRate = 0.01, BatchSize = 32, Seed = 3 });

        Assert.Equal((15, "head.weight", "head.bias"), (trained.Parameters, trained.AdaptedBlocks[0], trained.AdaptedBlocks[1]));
        Assert.Equal((3 * 2) + (3 * 9) + 3 + 3 + 3, trained.FrozenParameters);

        // What the categories say is 4 of a variance of about 4.8: the frozen table was learned, or the error would be near 4.
        Assert.InRange(trained.Training!.ValidationMse, 0, 1.5);
        SourceModel model = SourceModelFile.Parse(await File.ReadAllBytesAsync(
            Directory.GetFiles(Path.Combine(shared.Folder, "tensors", "models"), $"*{trained.ModelHash}*", SearchOption.AllDirectories).Single(),
            TestContext.Current.CancellationToken));
        Assert.Equal((0, 1), (model.InputStandardisation.Mean[0], model.InputStandardisation.Scale[0]));
        Assert.Single(model.InputStandardisation.Mean.Skip(1).Distinct());
        Assert.Single(model.InputStandardisation.Scale.Skip(1).Distinct());
        Assert.NotEqual(1, model.InputStandardisation.Scale[1]);
        await source.SetPriorAsync(new PriorSetting(0.1, 0.1, MeanIsSource: true));
        await source.Task("t").AdaptAsync(rows.Slice(0, 20));
        Assert.Equal(5, (await source.Task("t").PredictAsync(rows.Slice(20, 5).Inputs)).Mean.Count);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "no JSON", "net.json: The network: the text cannot be read at $" },
        { "unknown", "net.json: The network: the text cannot be read at $.nodes[0]" },
        { "shape", "net.json: Node 'flat': " },
        { "inputs", "net.json: it has 17 inputs, but the schema encodes to 1; make them equal." },
        { "outputs", "net.json: it has 1 outputs for 2 targets; make them equal." },
        { "selection", "adapted parameters: no parameter is called 'fc'; there are table.weight, conv.weight" },
        { "constant", "net.json: node 'c' is a constant, whose numbers a description does not carry; use a parameter, or import a trained network." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task TrainAsync_BySpecThatCannotBe_RefusedNamingTheFile(string what, string message)
    {
        string spec = what switch
        {
            "no JSON" => "{",
            "unknown" => Spec.Replace("\"vocabulary\"", "\"vocabluary\"", StringComparison.Ordinal),
            "shape" => Spec.Replace("[12]", "[13]", StringComparison.Ordinal),
            "constant" => Spec.Replace("{\"op\":\"linear\"", "{\"op\":\"constant\",\"name\":\"c\",\"shape\":[14]},{\"op\":\"arithmetic\",\"name\":\"sum\",\"inputs\":[\"both\",\"c\"],\"function\":\"Add\"},{\"op\":\"linear\"", StringComparison.Ordinal)
                .Replace("[\"both\"],\"outputs\"", "[\"sum\"],\"outputs\"", StringComparison.Ordinal),
            _ => Spec,
        };
        LabelledRows rows = Rows(10);
        InputSchema schema = what == "inputs" ? InputSchema.Numeric("x") : Schema;
        string[] targets = what == "outputs" ? ["y", "z"] : ["y"];
        AdaptClient client = shared.NewTenant();

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => client.Source("s").TrainAsync(
            rows, schema, targets, new TrainingOptions { Spec = spec, SpecName = "net.json", Adapting = what == "selection" ? "fc" : "all" }));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(await client.ListSourcesAsync());
    }

    [Fact]
    public async Task RegisterAsync_BySpec_IsThatNetwork()
    {
        SourceHandle source = shared.NewTenant().Source("s");
        NetworkSpec spec = NetworkSpecFile.Parse(Spec);
        NetworkWeights weights = NetworkWeights.Initialise(spec, 5);
        LabelledRows rows = Rows(8);
        var registration = new SourceRegistration
        {
            Schema = Schema,
            Targets = ["y"],
            Network = new NetworkDescription(17, []) { Spec = Spec },
            Weights = TensorPayload.FromVector(weights.Values),
            FixedWeights = TensorPayload.FromVector(weights.FixedValues),
        };

        SourceDescription registered = await source.RegisterAsync(registration);
        await source.SetPriorAsync(new PriorSetting(0.1, 0.1, MeanIsSource: true));
        await source.Task("t").AdaptAsync(rows);
        Prediction prediction = await source.Task("t").PredictAsync(rows.Inputs);

        Assert.Equal(spec.ParameterCount, registered.Parameters);
        using var network = new SourceNetwork(
            new SourceModel(weights, Standardisation.Identity(17), Standardisation.Identity(1)), TorchSharp.torch.CPU);
        RowMatrix expected = network.Evaluate(new RowMatrix(8, 17, rows.Inputs.Values));
        Assert.All(expected.Values.Zip(prediction.SourceMean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => shared.NewTenant().Source("s").RegisterAsync(registration with { FixedWeights = null }));
        Assert.Equal("fixed weights: there are 0, but the network has 6 other numbers; send all of them.", error.Message);
    }

    /// <summary>Images of noise whose mean counts, and a category that moves the target by 2, 0 or -3.</summary>
    private static LabelledRows Rows(int count)
    {
        var random = new Random(11);
        double[] inputs = new double[count * 17];
        double[] targets = new double[count];
        for (int i = 0; i < count; i++)
        {
            int kind = random.Next(3);
            inputs[i * 17] = kind;
            for (int j = 1; j < 17; j++)
            {
                inputs[(i * 17) + j] = random.NextDouble();
                targets[i] += inputs[(i * 17) + j] / 4;
            }

            targets[i] += kind switch { 0 => 2, 1 => 0, _ => -3 };
        }

        return new LabelledRows(new Rows(count, 17, inputs), new Rows(count, 1, targets));
    }
}
