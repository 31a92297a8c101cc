using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Diagnostics;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Diagnostics;

public sealed class DiagnosisTests
{
    private const int Samples = 25;

    /// <summary>Sums and decompositions of a dozen fp64 numbers in another order.</summary>
    private const double Rounding = 1e-7;

    [Fact]
    public void Diagnose_GeneratedTasks_ScoresAndDimensionAreTheReports() => Cases.All.Sample(
        c =>
        {
            using SourceNetwork network = Cases.Network(c);
            var data = new TaskData(c.X, c.Y);
            using TaskPosterior posterior = TaskPosterior.Fit(network, data, c.Prior);

            Diagnosis found = posterior.Diagnose(data, c.Y.Values.Length);

            AdaptationReport report = posterior.Report;
            Close(report.Adapted.MeanSquaredError, found.MeanSquaredError);
            Close(report.Gain, found.Gain);
            Close(report.EffectiveDimension, found.EffectiveDimension);
            Close(report.Adapted.Coverage95, found.Calibration.Single(point => point.Level == 0.95).Coverage);
            Assert.All(found.Calibration.Zip(found.Calibration.Skip(1)), pair => Assert.True(pair.First.Coverage <= pair.Second.Coverage));
        },
        iter: Samples,
        threads: 1);

    [Fact]
    public void Diagnose_IndependentOutputs_DimensionIsTheReports()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [6], 3, Activation.Tanh), 3, 14, 4, perOutput: true);
        using SourceNetwork network = Cases.Network(c);
        var data = new TaskData(c.X, c.Y);
        using TaskPosterior posterior = TaskPosterior.Fit(network, data, c.Prior with { Coupling = OutputCoupling.Independent });

        Diagnosis found = posterior.Diagnose(data, c.Y.Values.Length);

        Close(posterior.Report.EffectiveDimension, found.EffectiveDimension);
        Close(posterior.Report.Gain, found.Gain);
        Assert.NotNull(found.LinearisationError);
    }

    [Fact]
    public void Diagnose_Spectrum_IsThatOfTheDenseKernelOverTheNoise()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [7], 1, Activation.Tanh), 4, 12, 5);
        using SourceNetwork network = Cases.Network(c);
        var data = new TaskData(c.X, c.Y);
        using TaskPosterior posterior = TaskPosterior.Fit(network, data, c.Prior);

        Diagnosis found = posterior.Diagnose(data, 12);

        using DisposeScope scope = torch.NewDisposeScope();
        (_, torch.Tensor j) = Oracle.Linearise(c.Model, c.X);
        torch.Tensor kernel = Oracle.Kernel(j, j, Oracle.ParameterVariances(c.Spec, c.Prior.BlockScales)) / c.Prior.NoiseVariance[0];
        double[] expected = [.. torch.linalg.eigvalsh(kernel).data<double>().OrderDescending()];
        Assert.Equal(12, found.Spectrum.Length);
        Assert.All(expected.Zip(found.Spectrum), pair => Assert.Equal(pair.First, pair.Second, Rounding * expected[0]));
    }

    [Fact]
    public void Diagnose_NetworkThatIsLinearInItsParameters_NoLinearisationError()
    {
        Case c = Cases.Build(NetworkSpec.Dense(4, [new DenseLayerSpec(1, Activation.Identity)]), 5, 10, 3);
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior);

        Diagnosis found = posterior.Diagnose(new TaskData(c.X, c.Y), 10);

        Assert.InRange(found.LinearisationError!.Value, 0, 1e-10); // fp64 throughout
    }

    [Fact]
    public void Diagnose_DeepNetworkWithAWiderPrior_LinearisationErrorGrowsAsTheChange()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [20, 20], 1, Activation.Tanh), 6, 15, 3);
        using SourceNetwork network = Cases.Network(c);
        var data = new TaskData(c.X, c.Y);
        double Error(double scale)
        {
            using TaskPosterior posterior = TaskPosterior.Fit(network, data, Prior.Uniform(c.Spec, scale, 1));
            return posterior.Diagnose(data, 15).LinearisationError!.Value;
        }

        // With hardly any data weight the change is proportional to the scale, and what is not linear to its square.
        Assert.Equal(10, Error(1e-4) / Error(1e-5), 1.0);
        Assert.True(Error(1) > 0.05);
    }

    [Fact]
    public void Between_SameRows_FisherIsOneAndExplainedIsWhatThePosteriorExplains()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [8], 2, Activation.Tanh), 7, 12, 5);
        using SourceNetwork network = Cases.Network(c);
        var data = new TaskData(c.X, c.Y);
        using TaskPosterior posterior = TaskPosterior.Fit(network, data, c.Prior);

        JacobianSimilarity same = posterior.Diagnose(data, c.Y.Values.Length, c.X).Similarity!;

        Assert.Equal(1, same.Fisher, Rounding);
        double latent = posterior.Predict(c.X).LatentVariance.Values.Select((v, i) => v / Math.Pow(c.Model.OutputStandardisation.Scale[i % 2], 2)).Sum();
        using TaskPosterior blind = TaskPosterior.Fit(network, data, c.Prior with { NoiseVariance = [1e12] });
        double prior = blind.Predict(c.X).LatentVariance.Values.Select((v, i) => v / Math.Pow(c.Model.OutputStandardisation.Scale[i % 2], 2)).Sum();
        Assert.Equal(1 - (latent / prior), same.Explained, 1e-6);
    }

    [Fact]
    public void Between_ReluUnitsThatFireOnOneSideOnly_NothingInCommon()
    {
        // Two units without a bias to share: one fires for positive inputs, the other for negative ones. Only these weights move.
        NetworkSpec spec = NetworkSpec.Dense(1, [new DenseLayerSpec(2, Activation.ReLU), new DenseLayerSpec(1, Activation.Identity)]);
        var model = new SourceModel(
            new NetworkWeights(spec, [1, -1, 0, 0, 1, 1, 0]), new Standardisation([0], [1]), new Standardisation([0], [1]));
        var prior = new Prior([1, 0, 0, 0], [0.1], PriorMean.Source);
        using var network = new SourceNetwork(model, torch.CPU);
        var right = new TaskData(new RowMatrix(4, 1, [0.5, 1, 1.5, 2]), new RowMatrix(4, 1, [1, 2, 3, 4]));
        using TaskPosterior posterior = TaskPosterior.Fit(network, right, prior);

        JacobianSimilarity apart = posterior.Diagnose(right, 4, new RowMatrix(3, 1, [-0.5, -1, -2])).Similarity!;
        JacobianSimilarity together = posterior.Diagnose(right, 4, new RowMatrix(3, 1, [0.7, 1.2, 2.5])).Similarity!;

        Assert.Equal(0, apart.Fisher, 1e-12);
        Assert.Equal(0, apart.Explained, 1e-12);
        Assert.Equal(1, together.Fisher, 1e-12); // one parameter is all there is
        Assert.True(together.Explained > 0.9);
    }

    [Fact]
    public void Curve_DeviationsOfANormal_CoverageIsTheLevel()
    {
        const int N = 20_000;
        var random = new SeededRandom(8);
        double[] targets = [.. Enumerable.Range(0, N).Select(_ => 3 + (2 * random.NextNormal()))];

        LeaveOneOut scores = LeaveOneOut.Score([.. Enumerable.Repeat(3.0, N)], [.. Enumerable.Repeat(4.0, N)], targets);

        // Four standard errors of a share.
        Assert.All(CalibrationPoint.Curve(scores), point => Assert.Equal(point.Level, point.Coverage, 4 * Math.Sqrt(point.Level * (1 - point.Level) / N)));
    }

    private static void Close(double expected, double actual) => Assert.Equal(expected, actual, Rounding * Math.Max(1, Math.Abs(expected)));
}
