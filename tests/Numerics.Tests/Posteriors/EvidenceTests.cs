using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Posteriors;

public sealed class EvidenceTests
{
    private const int Samples = 30;

    [Fact]
    public void Evaluate_RandomProblems_HasTheGradientOfFiniteDifferences() => ForAll((c, train, y) =>
    {
        EvidenceValue value = Evidence.Evaluate(train, y, c.Prior);
        using FunctionSpacePosterior posterior = FunctionSpacePosterior.Fit(train, y, c.Prior);
        Assert.Equal(posterior.LogEvidence, value.LogEvidence, 1e-8 * Math.Max(1, Math.Abs(value.LogEvidence)));
        for (int b = 0; b < c.Spec.Blocks.Length; b++)
        {
            int block = b;
            CheckDerivative(value.Gradient.LogBlockScales[b], factor => c.Prior with { BlockScales = c.Prior.BlockScales.SetItem(block, c.Prior.BlockScales[block] * factor) });
        }

        for (int o = 0; o < c.Prior.NoiseVariance.Length; o++)
        {
            int output = o;
            CheckDerivative(value.Gradient.LogNoiseVariance[o], factor => c.Prior with { NoiseVariance = c.Prior.NoiseVariance.SetItem(output, c.Prior.NoiseVariance[output] * factor) });
        }

        void CheckDerivative(double derivative, Func<double, Prior> at)
        {
            const double Step = 1e-4;
            double difference = (Evidence.Evaluate(train, y, at(Math.Exp(Step))).LogEvidence - Evidence.Evaluate(train, y, at(Math.Exp(-Step))).LogEvidence) / (2 * Step);

            // Central differences: step^2 = 1e-8 times a third derivative of the size of the value, and rounding of 1e-13 times the value over the step.
            Assert.Equal(difference, derivative, 1e-6 * Math.Max(1, Math.Abs(value.LogEvidence)));
        }
    });

    [Fact]
    public void LeaveOneOut_RandomProblems_IsRefittingWithoutTheObservation() => ForAll((c, train, y) =>
    {
        using FunctionSpacePosterior posterior = FunctionSpacePosterior.Fit(train, y, c.Prior);
        torch.Tensor j = train.ToDense();
        torch.Tensor d = Oracle.ParameterVariances(c.Spec, c.Prior.BlockScales);
        torch.Tensor covariance = Oracle.Kernel(j, j, d) + torch.diag(Oracle.Noise(c.Prior, train.Rows, train.Outputs));
        torch.Tensor prior = c.Prior.Mean == PriorMean.Source ? train.Output.reshape(-1, 1) : torch.zeros(train.Count, 1, dtype: torch.ScalarType.Float64);
        torch.Tensor r = y.reshape(-1, 1) - prior;
        for (int i = 0; i < train.Count; i++)
        {
            long[] rest = [.. Enumerable.Range(0, train.Count).Where(k => k != i).Select(k => (long)k)];
            double mean = prior[i, 0].item<double>();
            double variance = covariance[i, i].item<double>();
            if (rest.Length > 0)
            {
                torch.Tensor index = torch.tensor(rest);
                torch.Tensor cross = covariance.index_select(0, index).narrow(1, i, 1);
                torch.Tensor weights = torch.linalg.solve(covariance.index_select(0, index).index_select(1, index), cross);
                mean += torch.mm(weights.t(), r.index_select(0, index)).item<double>();
                variance -= torch.mm(weights.t(), cross).item<double>();
            }

            // Two solves of a system with a condition number of up to 1e6.
            Assert.Equal(mean, posterior.LeaveOneOut.Means[i], 1e-7 * Math.Max(1, Math.Abs(mean)));
            Assert.Equal(1, posterior.LeaveOneOut.Variances[i] / variance, 1e-7);
        }
    });

    [Fact]
    public void Fit_ARowTwiceWithTwiceTheNoise_ChangesNothing()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [6], 2, Activation.GELU), 6, 5, 4, perOutput: true);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors once = network.Linearise(c.X);
        using JacobianFactors twice = network.Linearise(c.X.SelectRows([0, 1, 2, 3, 4, 2]));
        using JacobianFactors at = network.Linearise(c.Other);
        using FunctionSpacePosterior expected = FunctionSpacePosterior.Fit(once, Cases.Targets(c.Model, c.Y), c.Prior);
        torch.Tensor doubled = Cases.Targets(c.Model, c.Y.SelectRows([0, 1, 2, 3, 4, 2]));
        using FunctionSpacePosterior function = FunctionSpacePosterior.Fit(twice, doubled, c.Prior, [1, 1, 2, 1, 1, 2]);
        using ParameterSpacePosterior parameter = ParameterSpacePosterior.Fit(twice, doubled, c.Prior, [1, 1, 2, 1, 1, 2]);
        using PosteriorPrediction a = expected.Predict(at, PredictionKind.Joint);
        foreach (IPosterior posterior in new IPosterior[] { function, parameter })
        {
            using PosteriorPrediction b = posterior.Predict(at, PredictionKind.Joint);
            Assert.InRange(Oracle.RelativeError(a.Mean, b.Mean), 0, 1e-9);
            Assert.InRange(Oracle.RelativeError(a.Covariance!, b.Covariance!), 0, 1e-9);
        }
    }

    [Fact]
    public void Fit_ARepeatedRowWithHardlyAnyNoise_AddsJitterAndSaysSo()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [6], 1, Activation.Tanh), 6, 5, 4);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X.SelectRows([0, 0, 0, 0, 1, 1, 1]));
        Prior quiet = c.Prior with { NoiseVariance = [1e-30] };
        using FunctionSpacePosterior posterior = FunctionSpacePosterior.Fit(train, torch.zeros(7, 1, dtype: torch.ScalarType.Float64), quiet);
        Assert.True(double.IsFinite(posterior.LogEvidence));
        double diagonal = train.Diagonal(c.Prior.BlockScales.AsSpan()).mean().item<double>();
        Assert.InRange(posterior.Jitter, 0, 1.001e-6 * diagonal);
    }

    [Fact]
    public void Fit_WrongShapes_AreRefusedInManagedCode()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [6], 1, Activation.Tanh), 6, 5, 4);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        Assert.Throws<ArgumentException>(() => FunctionSpacePosterior.Fit(train, y.narrow(0, 0, 4), c.Prior));
        Assert.Throws<ArgumentException>(() => ParameterSpacePosterior.Fit(train, y.view(-1), c.Prior));
        Assert.Throws<ArgumentException>(() => Evidence.Evaluate(train, y * double.NaN, c.Prior));
        Assert.Throws<ArgumentException>(() => FunctionSpacePosterior.Fit(train, y, c.Prior, [1, 1]));
        Assert.Throws<ArgumentException>(() => FunctionSpacePosterior.Fit(train, y, c.Prior, [1, 1, 0, 1, 1]));
    }

    private static void ForAll(Action<Case, JacobianFactors, torch.Tensor> check) => Cases.All.Sample(
        c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using SourceNetwork network = Cases.Network(c);
            using JacobianFactors train = network.Linearise(c.X);
            check(c, train, Cases.Targets(c.Model, c.Y));
        },
        iter: Samples,
        threads: 1);
}
