using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;
using AdaptCluster.Numerics.Training;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Training;

/// <summary>Training of networks that are no chains of dense layers.</summary>
public sealed class GraphTrainingTests
{
    private static readonly int[] s_left = [.. Enumerable.Repeat(-1, 8)]; // of eight columns none is standardised

    private static readonly NetworkSpec Convolutional = Chains.Of(
        [1, 8],
        1,
        new ConvolutionNode { Name = "a", Outputs = 8, Kernel = [3], Padding = [1] },
        new BatchNormNode { Name = "n" },
        new ActivationNode { Name = "f", Function = Activation.ReLU });

    private static readonly NetworkSpec Embedding = new(
        [new NetworkInput("number", [1]), new NetworkInput("category", [2])],
        Chains.Connect(
            "category",
            new EmbeddingNode { Name = "table", Vocabulary = 6, Width = 4 },
            new ReshapeNode { Name = "flat", Shape = [-1] },
            new ConcatNode { Name = "all", Inputs = ["number", "flat"], Axis = 0 },
            new LinearNode { Name = "a", Outputs = 24 },
            new ActivationNode { Name = "f", Function = Activation.Tanh },
            new LinearNode { Name = "head", Outputs = 1 }),
        "head");

    private static readonly NetworkSpec Shared = Chains.Of(
        [8],
        1,
        new LinearNode { Name = "a", Outputs = 8, Weight = "w", Bias = "b" },
        new ActivationNode { Name = "f", Function = Activation.Tanh },
        new LinearNode { Name = "a2", Outputs = 8, Weight = "w", Bias = "b" },
        new LayerNormNode { Name = "n" });

    [Fact]
    public void Finish_AConvolutionWithBatchNorm_LearnsAndReturnsItsStatistics()
    {
        TrainingResult result = Train(Convolutional, Signals(600), Options);
        Assert.InRange(result.ValidationMse, 0, 0.3 * result.ValidationVariance);
        NetworkWeights weights = result.Model.Weights;
        ParameterBlock mean = Convolutional.Fixed.Single(b => b.Name == "n.running_mean");
        ParameterBlock variance = Convolutional.Fixed.Single(b => b.Name == "n.running_var");
        Assert.Contains(weights.FixedValues[mean.Offset..(mean.Offset + 8)], v => v != 0);
        Assert.DoesNotContain(weights.FixedValues[variance.Offset..(variance.Offset + 8)], v => v is 1 or <= 0);

        // The statistics are those of the activations over the training rows, which a moving average follows to some tenths.
        using DisposeScope scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> tensors = NetworkTensors.Upload(weights, torch.CPU, torch.ScalarType.Float64);
        torch.Tensor x = torch.tensor(result.Model.InputStandardisation.Apply(Signals(600).Inputs).Values, [600, 1, 8]);
        torch.Tensor z = torch.nn.functional.conv1d(x, tensors["a.weight"], tensors["a.bias"], padding: 1);
        torch.Tensor actual = z.mean([0L, 2L]);
        torch.Tensor scale = (z - actual.view(1, 8, 1)).square().mean([0L, 2L]).sqrt();
        Assert.InRange(((tensors["n.running_mean"] - actual) / scale).abs().max().item<double>(), 0, 0.3);
        Assert.InRange((tensors["n.running_var"].sqrt() / scale - 1).abs().max().item<double>(), 0, 0.3);
        foreach (torch.Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }

        // What was validated is what the source network computes.
        using var network = new SourceNetwork(result.Model, torch.CPU);
        TaskData fresh = Signals(500, seed: 9);
        double error = network.Evaluate(fresh.Inputs).Values.Zip(fresh.Targets.Values, (a, b) => (a - b) * (a - b)).Average();
        double unit = result.Model.OutputStandardisation.Scale[0];
        Assert.InRange(error / (unit * unit), 0, 0.4 * result.ValidationVariance);
    }

    [Fact]
    public void Finish_AnEmbedding_LearnsACategoricalEffect()
    {
        TrainingResult result = Train(Embedding, Categories(600), Options, [0, -1, -1]);
        Assert.InRange(result.ValidationMse, 0, 0.1 * result.ValidationVariance);
        Assert.Equal([0, 0], result.Model.InputStandardisation.Mean.Skip(1));
    }

    [Fact]
    public void Finish_SharedWeights_AreStillOneTensorAndLearn()
    {
        TrainingResult result = Train(Shared, Signals(600), Options with { Epochs = 30 });
        Assert.Equal(Shared.ParameterCount, result.Model.Weights.Values.Length);
        Assert.InRange(result.ValidationMse, 0, 0.5 * result.ValidationVariance);
    }

    [Fact]
    public void RunEpoch_SameSeedTwice_GivesTheSameBits()
    {
        foreach ((NetworkSpec spec, TaskData data, int[] groups) in new[] { (Convolutional, Signals(100), s_left), (Embedding, Categories(100), [0, -1, -1]), (Shared, Signals(100), s_left) })
        {
            NetworkWeights first = Train(spec, data, Options with { Epochs = 3 }, groups).Model.Weights;
            NetworkWeights second = Train(spec, data, Options with { Epochs = 3 }, groups).Model.Weights;
            Assert.Equal(first.Values, second.Values);
            Assert.Equal(first.FixedValues, second.FixedValues);
            Assert.NotEqual(first.Values, Train(spec, data, Options with { Epochs = 3, Seed = 2 }, groups).Model.Weights.Values);
        }
    }

    [Theory]
    [InlineData(33)] // the last batch has one row
    [InlineData(1)]
    public void RunEpoch_ABatchOfOneRow_DoesNotStopABatchNorm(int rows)
    {
        NetworkSpec spec = Chains.Stem([8], 1, new BatchNormNode { Name = "n" });
        TrainingResult result = Train(spec, Signals(rows), Options with { Epochs = 2, ValidationFraction = 0 });
        Assert.Equal(rows, result.TrainRows);
    }

    [Fact]
    public void RunEpoch_FrozenParameters_StayAsTheyWereDrawn()
    {
        NetworkSpec spec = new(Convolutional.Inputs, Convolutional.Nodes, Convolutional.Output, ["a.weight", "n.bias"]);
        NetworkWeights weights = Train(spec, Signals(100), Options with { Epochs = 2 }).Model.Weights;
        NetworkWeights initial = NetworkWeights.Initialise(spec, Options.Seed);
        foreach (ParameterBlock block in spec.Fixed.Where(b => spec.Frozen.Contains(b.Name)))
        {
            Assert.Equal(initial.FixedValues[block.Offset..(block.Offset + block.Count)], weights.FixedValues[block.Offset..(block.Offset + block.Count)]);
        }

        Assert.NotEqual(initial.Values, weights.Values);
    }

    [Fact]
    public void Trainer_WhenDisposed_LeavesNoTensorBehind()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Train(Convolutional, Signals(100), Options with { Epochs = 2 });
        Train(Embedding, Categories(100), Options with { Epochs = 2 }, [0, -1, -1]);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static TrainingOptions Options => new() { Epochs = 20, BatchSize = 32, LearningRate = 1e-2, Seed = 1 };

    private static TrainingResult Train(NetworkSpec spec, TaskData data, TrainingOptions options, ReadOnlySpan<int> groups = default)
    {
        using var trainer = new NetworkTrainer(spec, data, options, torch.CPU, groups);
        while (!trainer.Finished)
        {
            trainer.RunEpoch();
        }

        return trainer.Finish();
    }

    // The largest neighbouring sum of a signal: what a convolution with a rectifier can learn.
    private static TaskData Signals(int rows, int seed = 3)
    {
        var random = new SeededRandom(seed);
        double[] x = [.. random.Normals(8 * rows).Select(v => 3 + (2 * v))];
        double[] y = [.. Enumerable.Range(0, rows).Select(i => Enumerable.Range(0, 7).Max(t => x[(8 * i) + t] + x[(8 * i) + t + 1]))];
        return new TaskData(new RowMatrix(rows, 8, x), new RowMatrix(rows, 1, y));
    }

    private static TaskData Categories(int rows)
    {
        double[] effects = [2, -1, 0.5, 3, -2, 1];
        var random = new SeededRandom(4);
        double[] x = [.. Enumerable.Range(0, rows).SelectMany(_ => new[] { random.NextNormal(), random.NextInt(6), random.NextInt(6) })];
        double[] y = [.. Enumerable.Range(0, rows).Select(i => x[3 * i] + effects[(int)x[(3 * i) + 1]] - (0.5 * effects[(int)x[(3 * i) + 2]]))];
        return new TaskData(new RowMatrix(rows, 3, x), new RowMatrix(rows, 1, y));
    }
}
