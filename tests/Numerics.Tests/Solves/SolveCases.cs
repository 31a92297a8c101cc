using System.Collections.Immutable;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Solves;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solves;

/// <summary>Generated tasks that are large enough to iterate on and small enough for a dense answer.</summary>
internal static class SolveCases
{
    /// <summary>One or two outputs, a few hundred rows, a network of some hundred parameters; smooth targets with noise.</summary>
    public static Case Build(int seed, int rows = 240, int outputs = 0)
    {
        int c = outputs == 0 ? 1 + (seed % 2) : outputs;
        NetworkSpec spec = NetworkSpec.Mlp(4, [14, 10], c, Activation.Tanh);
        Case generated = Cases.Build(spec, seed, rows, 25, perOutput: seed % 3 == 0);
        var values = new double[rows * c];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<double> x = generated.X.Row(i / c);
            values[i] = Math.Sin(x[0] + (i % c)) + (x[1] * x[2] / 3) + (0.1 * generated.Y.Values[i]);
        }

        return generated with { Y = new RowMatrix(rows, c, values) };
    }

    /// <summary>The same with a noise variance that is this part of the kernel's mean diagonal.</summary>
    public static Case Hard(int seed, double noiseOverDiagonal)
    {
        Case c = Build(seed, outputs: 1);
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        using torch.Tensor diagonal = factors.Diagonal(c.Prior.BlockScales.AsSpan());
        return c with { Prior = c.Prior with { NoiseVariance = [diagonal.mean().item<double>() * noiseOverDiagonal] } };
    }

    public static SolvePlan Plan(Case c, SolveLayout layout, int shards) => new()
    {
        Layout = layout,
        Shards = RowRange.Cut(c.X.Rows, [.. Enumerable.Repeat(1.0, shards)]),
        KeepsFactors = true,
        CertifiesInDouble = true,
        Preconditioner = layout == SolveLayout.KernelRows ? PreconditionerKind.PivotedCholesky : PreconditionerKind.SampledGram,
        PreconditionerSize = layout == SolveLayout.KernelRows ? 400 : c.X.Rows,
        Probes = 8,
    };

    /// <summary>The mean as it should be; the variance at least the exact one and at most the prior's.</summary>
    public static void AssertMeansEqualAndVariancesCover(Case c, SolveResult result, double meanTolerance, double rounding)
    {
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior exact = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior, PosteriorSpace.Function);
        using TaskPosterior solved = TaskPosterior.Restore(network, c.Prior, result.Posterior!);
        Prediction expected = exact.Predict(c.Other);
        Prediction actual = solved.Predict(c.Other);
        using JacobianFactors at = network.Linearise(c.Other);
        using torch.Tensor diagonal = at.Diagonal(c.Prior.BlockScales.AsSpan());
        double[] prior = diagonal.data<double>().ToArray();
        for (int i = 0; i < prior.Length; i++)
        {
            double unit = c.Model.OutputStandardisation.Scale[i % c.Model.OutputStandardisation.Width];
            double variance = prior[i] * unit * unit;
            Assert.Equal(expected.Mean.Values[i], actual.Mean.Values[i], meanTolerance * Math.Sqrt(variance));
            Assert.InRange(actual.LatentVariance.Values[i], expected.LatentVariance.Values[i] - (rounding * variance), variance * (1 + rounding));
        }
    }

    /// <summary>Mean, variance and evidence of a solve against the direct posterior in fp64.</summary>
    public static void AssertEqualsDense(Case c, SolveResult result, double meanTolerance, double varianceTolerance, double rounding)
    {
        var data = new TaskData(c.X, c.Y);
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior exact = TaskPosterior.Fit(network, data, c.Prior, PosteriorSpace.Function);
        using TaskPosterior solved = TaskPosterior.Restore(network, c.Prior, result.Posterior!);
        Prediction expected = exact.Predict(c.Other);
        Prediction actual = solved.Predict(c.Other);
        using JacobianFactors at = network.Linearise(c.Other);
        using torch.Tensor diagonal = at.Diagonal(c.Prior.BlockScales.AsSpan());
        double[] prior = diagonal.data<double>().ToArray();
        ImmutableArray<double> scale = c.Model.OutputStandardisation.Scale;
        for (int i = 0; i < prior.Length; i++)
        {
            double unit = scale[i % scale.Length];
            double priorDeviation = Math.Sqrt(prior[i]) * unit;
            double exactVariance = expected.LatentVariance.Values[i];
            Assert.InRange(actual.Mean.Values[i] - expected.Mean.Values[i], -meanTolerance * priorDeviation, meanTolerance * priorDeviation);
            Assert.InRange(
                actual.LatentVariance.Values[i],
                exactVariance - (rounding * prior[i] * unit * unit),
                (exactVariance * (1 + varianceTolerance)) + (rounding * prior[i] * unit * unit));
        }

        Assert.InRange(result.Posterior!.LogEvidence / exact.Report.LogEvidence, 0.99, 1.01);
        Assert.InRange(result.Report!.EffectiveDimension / exact.Report.EffectiveDimension, 0.98, 1.02);
        Assert.InRange(result.Report.Adapted.MeanSquaredError / exact.Report.Adapted.MeanSquaredError, 0.98, 1.02);
    }
}
