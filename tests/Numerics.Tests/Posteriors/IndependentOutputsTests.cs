using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Posteriors;

/// <summary>Independent outputs against the textbook formulas of each output alone, built from dense rows.</summary>
public sealed class IndependentOutputsTests
{
    private const int Outputs = 3;

    // Two factorisations of the same small matrix in fp64.
    private const double Tolerance = 1e-8;

    [Theory]
    [InlineData(PosteriorSpace.Function)]
    [InlineData(PosteriorSpace.Parameter)]
    public void Fit_ThreeOutputs_EachIsItsOwnProcess(PosteriorSpace space)
    {
        Case c = Problem();
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior, space);
        Prediction actual = posterior.Predict(c.Other, joint: true);
        torch.Tensor d = Oracle.ParameterVariances(c.Spec, c.Prior.BlockScales);
        (torch.Tensor trainOutput, torch.Tensor j) = Oracle.Linearise(c.Model, c.X);
        (torch.Tensor atOutput, torch.Tensor js) = Oracle.Linearise(c.Model, c.Other);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        double evidence = 0;
        for (int o = 0; o < Outputs; o++)
        {
            torch.Tensor rows = j.view(c.X.Rows, Outputs, -1).select(1, o);
            torch.Tensor at = js.view(c.Other.Rows, Outputs, -1).select(1, o);
            torch.Tensor covariance = Oracle.Kernel(rows, rows, d) + (torch.eye(c.X.Rows, dtype: torch.ScalarType.Float64) * c.Prior.NoiseOf(o));
            torch.Tensor inverse = torch.linalg.inv(covariance);
            torch.Tensor residual = (y.select(1, o) - trainOutput.select(1, o)).view(-1, 1);
            torch.Tensor cross = Oracle.Kernel(at, rows, d);
            torch.Tensor mean = torch.mm(cross, torch.mm(inverse, residual)).view(-1) + atOutput.select(1, o);
            torch.Tensor variance = (Oracle.Kernel(at, at, d) - torch.mm(torch.mm(cross, inverse), cross.t())).diagonal();
            evidence -= 0.5 * (torch.mm(residual.t(), torch.mm(inverse, residual)).item<double>() + torch.linalg.slogdet(covariance).Item2.item<double>() + (c.X.Rows * Math.Log(2 * Math.PI)));
            double scale = c.Model.OutputStandardisation.Scale[o];
            for (int i = 0; i < c.Other.Rows; i++)
            {
                double expected = (mean[i].item<double>() * scale) + c.Model.OutputStandardisation.Mean[o];
                Assert.Equal(expected, actual.Mean[i, o], Tolerance * Math.Max(1, Math.Abs(expected)));
                Assert.Equal(variance[i].item<double>() * scale * scale, actual.LatentVariance[i, o], Tolerance * Math.Max(1, scale * scale));
                Assert.Equal(0, actual.JointCovariance![i * Outputs, (i * Outputs) + 1]);
            }
        }

        Assert.Equal(evidence, posterior.Report.LogEvidence, 1e-7);
    }

    [Fact]
    public void Evaluate_IndependentOutputs_GradientIsThatOfFiniteDifferences()
    {
        Case c = Problem();
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors train = network.Linearise(c.X);
        torch.Tensor y = Cases.Targets(c.Model, c.Y);
        EvidenceValue value = Evidence.Evaluate(train, y, c.Prior);
        for (int b = 0; b < c.Spec.Blocks.Length; b++)
        {
            const double Step = 1e-5;
            double up = Evidence.Evaluate(train, y, c.Prior with { BlockScales = c.Prior.BlockScales.SetItem(b, c.Prior.BlockScales[b] * Math.Exp(Step)) }).LogEvidence;
            double down = Evidence.Evaluate(train, y, c.Prior with { BlockScales = c.Prior.BlockScales.SetItem(b, c.Prior.BlockScales[b] * Math.Exp(-Step)) }).LogEvidence;
            Assert.Equal((up - down) / (2 * Step), value.Gradient.LogBlockScales[b], 1e-5);
        }
    }

    [Fact]
    public void Sample_IndependentOutputs_HasThePosteriorsMeanAndVariance()
    {
        Case c = Problem();
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior);
        Prediction expected = posterior.Predict(c.Other);
        const int Draws = 4000;
        RowMatrix[] draws = posterior.Sample(c.Other, Draws, seed: 3);
        for (int i = 0; i < c.Other.Rows; i++)
        {
            for (int o = 0; o < Outputs; o++)
            {
                double mean = draws.Average(draw => draw[i, o]);
                double sd = Math.Sqrt(expected.LatentVariance[i, o]);

                // Five standard errors of a mean over the draws.
                Assert.InRange(Math.Abs(mean - expected.Mean[i, o]), 0, 5 * sd / Math.Sqrt(Draws));
            }
        }
    }

    private static Case Problem()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [5], Outputs, Activation.Tanh), seed: 4, rows: 9, others: 4, perOutput: true);
        return c with { Prior = c.Prior with { Coupling = OutputCoupling.Independent } };
    }
}
