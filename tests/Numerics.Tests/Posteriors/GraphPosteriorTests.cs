using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Posteriors;

/// <summary>Posteriors and evidence of networks that are no chains of dense layers.</summary>
public sealed class GraphPosteriorTests
{
    // Rounding of 1e-16 times a condition number of up to 1e7, relative to the largest element.
    private const double Close = 1e-7;

    private static readonly NetworkSpec Convolutional = Chains.Of(
        [2, 6, 6],
        2,
        new ConvolutionNode { Name = "a", Outputs = 4, Kernel = [3, 3], Padding = [1, 1] },
        new BatchNormNode { Name = "n" },
        new ActivationNode { Name = "f", Function = Activation.SiLU },
        new ConvolutionNode { Name = "b", Outputs = 4, Kernel = [3, 3], Padding = [1, 1] },
        new ArithmeticNode { Name = "skip", Inputs = ["f", "b"], Function = ArithmeticFunction.Add },
        new AdaptivePoolNode { Name = "p", Function = Pooling.Mean, Size = [2, 2] });

    public static TheoryData<string> Names { get; } = ["conv", "embedding", "attention", "lstm"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_BothSpaces_MatchTheDenseFormulas(string name)
    {
        Case c = CaseOf(name);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        using JacobianFactors at = network.Linearise(c.Other);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        using FunctionSpacePosterior function = FunctionSpacePosterior.Fit(train, y, c.Prior);
        using ParameterSpacePosterior parameter = ParameterSpacePosterior.Fit(train, y, c.Prior);
        Assert.InRange(Oracle.RelativeError(function.MeanParameters(), parameter.MeanParameters()), 0, Close);
        Dense? dense = name == "lstm" ? null : Dense.Of(c, train, at, y); // a program has no second implementation here
        foreach (IPosterior posterior in new IPosterior[] { function, parameter })
        {
            using PosteriorPrediction joint = posterior.Predict(at, PredictionKind.Joint);
            using PosteriorPrediction marginal = posterior.Predict(at, PredictionKind.Marginal);
            Assert.InRange(Oracle.RelativeError(joint.Variance!, marginal.Variance!), 0, Close);
            if (dense is not null)
            {
                Assert.InRange(Oracle.RelativeError(dense.Mean, joint.Mean), 0, Close);
                Assert.InRange(Oracle.RelativeError(dense.Covariance, joint.Covariance!), 0, Close);
                Assert.InRange(Oracle.RelativeError(dense.Parameters, posterior.MeanParameters()), 0, Close);
                Assert.Equal(dense.LogEvidence, posterior.LogEvidence, Close * Math.Max(1, Math.Abs(dense.LogEvidence)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Predict_BothSpaces_AgreeInDataUnits(string name)
    {
        Case c = CaseOf(name);
        using SourceNetwork network = Cases.Network(c);
        var data = new TaskData(c.X, c.Y);
        using TaskPosterior function = TaskPosterior.Fit(network, data, c.Prior, PosteriorSpace.Function);
        using TaskPosterior parameter = TaskPosterior.Fit(network, data, c.Prior, PosteriorSpace.Parameter);
        using TaskPosterior chosen = TaskPosterior.Fit(network, data, c.Prior);
        Prediction a = function.Predict(c.Other, joint: true);
        foreach (TaskPosterior posterior in new[] { parameter, chosen })
        {
            Prediction b = posterior.Predict(c.Other, joint: true);
            Same(a.Mean, b.Mean);
            Same(a.LatentVariance, b.LatentVariance);
            Same(a.JointCovariance!, b.JointCovariance!);
            Same(network.Evaluate(c.Other), b.SourceMean);
            Assert.Equal(function.Report.LogEvidence, posterior.Report.LogEvidence, Close * Math.Max(1, Math.Abs(function.Report.LogEvidence)));
            Assert.Equal(2, posterior.Sample(c.Other, 2, 1).Length);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EvaluateTask_OfAFleet_HasTheGradientOfFiniteDifferences(string name)
    {
        Case c = CaseOf(name);
        using SourceNetwork network = Cases.Network(c);
        TaskData[] tasks = [new TaskData(c.X, c.Y), new TaskData(c.X.Slice(0, 3), c.Y.Slice(1, 3))];
        using var evidence = new FleetEvidence(network, tasks, new FleetFitOptions { Mean = c.Prior.Mean });
        EvidenceValue value = evidence.Evaluate(c.Prior).Sum;
        const double Step = 1e-4;
        for (int b = 0; b < c.Spec.Blocks.Length; b++)
        {
            double difference = (At(b, Step) - At(b, -Step)) / (2 * Step);

            // Central differences: step^2 = 1e-8 times a third derivative of the size of the value, and rounding of 1e-13 times the value over the step.
            Assert.Equal(difference, value.Gradient.LogBlockScales[b], 1e-6 * Math.Max(1, Math.Abs(value.LogEvidence)));
        }

        double At(int block, double step) =>
            evidence.Evaluate(c.Prior with { BlockScales = c.Prior.BlockScales.SetItem(block, c.Prior.BlockScales[block] * Math.Exp(step)) }).Sum.LogEvidence;
    }

    private static Case CaseOf(string name) => name switch
    {
        "conv" => Cases.Build(Convolutional, 3, 9, 5, perOutput: true),
        "embedding" => Cases.Build(
            Chains.Of([5], 3, new EmbeddingNode { Name = "e", Vocabulary = 25, Width = 3 }, new LayerNormNode { Name = "n", Epsilon = 0.1 }, new LinearNode { Name = "a", Outputs = 4 }), 3, 8, 5, mean: PriorMean.Zero),
        "attention" => Cases.Build(
            Chains.Stem([4, 3], 2, new TransposeNode { Name = "t", Order = [1, 0] }, new MatMulNode { Name = "m", Inputs = ["stem", "t"] }, new SoftmaxNode { Name = "s", Axis = 1 }, new MatMulNode { Name = "mixed", Inputs = ["s", "stem"] }), 3, 8, 5),
        _ => Cases.Build(Fixtures.Program("lstm.pt", 12, 1, "head.weight"), 3, 8, 5),
    };

    private static void Same(RowMatrix expected, RowMatrix actual)
    {
        double scale = Math.Max(1, expected.Values.Max(Math.Abs));
        Assert.All(expected.Values.Zip(actual.Values), pair => Assert.InRange(Math.Abs(pair.First - pair.Second) / scale, 0, Close));
    }
}
