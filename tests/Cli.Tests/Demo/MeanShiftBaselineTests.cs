using AdaptCluster.Cli.Demo;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using TorchSharp;

namespace AdaptCluster.Cli.Tests.Demo;

public sealed class MeanShiftBaselineTests
{
    [Fact]
    public void Fit_SomeTask_AgreesWithTheMathematicsLibrary()
    {
        const double StandardisedVariance = .8;
        NetworkSpec spec = NetworkSpec.Mlp(2, [3], 1, Activation.Tanh);
        var model = new SourceModel(
            NetworkWeights.Initialise(spec, 4), Standardisation.Identity(2), new Standardisation([10], [25]));
        using var network = new SourceNetwork(model, torch.CPU);
        var random = new Random(7);
        var inputs = new RowMatrix(6, 2, [.. Enumerable.Range(0, 12).Select(_ => random.NextDouble())]);
        var targets = new RowMatrix(6, 1, [.. Enumerable.Range(0, 6).Select(_ => 100 * random.NextDouble())]);
        var tests = new RowMatrix(4, 2, [.. Enumerable.Range(0, 8).Select(_ => random.NextDouble())]);
        Prediction expected = MeanShift.Predict(network, new TaskData(inputs, targets), tests, StandardisedVariance);

        var baseline = MeanShiftBaseline.Fit(targets.Values, network.Evaluate(inputs).Values, StandardisedVariance * 25 * 25);

        RowMatrix source = network.Evaluate(tests);
        for (int row = 0; row < tests.Rows; row++)
        {
            Assert.Equal(expected.Mean[row, 0], source[row, 0] + baseline.Shift, 1e-9);
            Assert.Equal(expected.LatentVariance[row, 0] + expected.NoiseVariance[row, 0], baseline.Variance, 1e-9);
        }
    }
}
