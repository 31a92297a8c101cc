using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Tests.Solves;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Adaptation;

/// <summary>Direct solves in fp32 with refinement against those in fp64.</summary>
public sealed class RefinedFitTests
{
    [Theory]
    [InlineData(1, 60, 1)]
    [InlineData(2, 700, 2)] // two blocks of the matrix
    [InlineData(3, 2_100, 1)] // five blocks, the last one small
    [InlineData(4, 400, 3)] // blocks of 510 rows: three outputs
    public void Take_GeneratedTask_EqualsTheFitInDouble(int seed, int rows, int outputs)
    {
        Case c = SolveCases.Build(seed, rows, outputs);
        var data = new TaskData(c.X, c.Y);
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior exact = TaskPosterior.Fit(network, data, c.Prior, PosteriorSpace.Function);
        using RefinedFit fit = RefinedFit.Start(c.Model, torch.CPU, data, c.Prior);
        while (!fit.Advance(TimeSpan.Zero))
        {
            // Part by part, as on a device that does other things in between.
        }

        using TaskPosterior refined = fit.Take();
        Prediction expected = exact.Predict(c.Other);
        Prediction actual = refined.Predict(c.Other);
        using JacobianFactors at = network.Linearise(c.Other);
        using torch.Tensor diagonal = at.Diagonal(c.Prior.BlockScales.AsSpan());
        double[] prior = diagonal.data<double>().ToArray();
        for (int i = 0; i < prior.Length; i++)
        {
            double unit = c.Model.OutputStandardisation.Scale[i % outputs];
            double variance = prior[i] * unit * unit;

            // Factors and kernel are rounded to 6e-8 and the data's condition number is in the hundreds: a mean to 1e-3 of a prior deviation, a variance
            // never below and above by 1% and what rounding is allowed.
            Assert.Equal(expected.Mean.Values[i], actual.Mean.Values[i], 1e-3 * Math.Sqrt(variance));
            Assert.InRange(
                actual.LatentVariance.Values[i],
                expected.LatentVariance.Values[i] - (1e-9 * variance),
                (1.01 * expected.LatentVariance.Values[i]) + (1e-5 * variance));
        }

        Assert.Equal(exact.Report.LogEvidence, refined.Report.LogEvidence, 1e-3 * Math.Abs(exact.Report.LogEvidence));
        Assert.Equal(exact.Report.Observations, refined.Report.Observations);
        if (rows <= 512)
        {
            Assert.Equal(exact.Report.Adapted.MeanSquaredError, refined.Report.Adapted.MeanSquaredError, 1e-2 * exact.Report.Adapted.MeanSquaredError);
        }
    }

    [Fact]
    public void Sample_ManyDraws_HaveThePosteriorsMeanAndVariance()
    {
        Case c = SolveCases.Build(4, rows: 80, outputs: 1);
        using RefinedFit fit = RefinedFit.Start(c.Model, torch.CPU, new TaskData(c.X, c.Y), c.Prior);
        while (!fit.Advance(TimeSpan.FromSeconds(1)))
        {
            // It takes a moment.
        }

        using TaskPosterior refined = fit.Take();
        const int draws = 4_000;
        RowMatrix[] samples = refined.Sample(c.Other, draws, seed: 5);
        Prediction prediction = refined.Predict(c.Other);
        for (int i = 0; i < c.Other.Rows; i++)
        {
            double mean = samples.Average(sample => sample[i, 0]);
            double deviation = Math.Sqrt(prediction.LatentVariance[i, 0]);

            // Five standard errors.
            Assert.Equal(prediction.Mean[i, 0], mean, 5 * deviation / Math.Sqrt(draws));
            double spread = samples.Average(sample => (sample[i, 0] - mean) * (sample[i, 0] - mean));
            Assert.Equal(prediction.LatentVariance[i, 0], spread, 5 * prediction.LatentVariance[i, 0] * Math.Sqrt(2.0 / draws));
        }
    }

    [Fact]
    public void Advance_NoiseBelowRounding_SaysSo()
    {
        Case c = SolveCases.Hard(5, noiseOverDiagonal: 1e-12);
        using RefinedFit fit = RefinedFit.Start(c.Model, torch.CPU, new TaskData(c.X, c.Y), c.Prior);

        Assert.Throws<NotPositiveDefiniteException>(() =>
        {
            while (!fit.Advance(TimeSpan.Zero))
            {
                // Until it fails.
            }
        });
    }

    [Fact]
    public void Take_BeforeTheEndOrTwice_IsRefused()
    {
        Case c = SolveCases.Build(1, rows: 20);
        using RefinedFit fit = RefinedFit.Start(c.Model, torch.CPU, new TaskData(c.X, c.Y), c.Prior);
        Assert.Throws<InvalidOperationException>(fit.Take);
        while (!fit.Advance(TimeSpan.Zero))
        {
            // To its end.
        }

        fit.Take().Dispose();

        Assert.Throws<InvalidOperationException>(fit.Take);
    }
}
