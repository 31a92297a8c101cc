using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Tests.Support;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Adaptation;

public sealed class TaskPosteriorTests
{
    private const int Samples = 25;

    [Fact]
    public void Predict_BothSpaces_AgreeInDataUnits() => Cases.All.Sample(
        c =>
        {
            using SourceNetwork network = Cases.Network(c);
            using TaskPosterior function = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior, PosteriorSpace.Function);
            using TaskPosterior parameter = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior, PosteriorSpace.Parameter);
            Prediction a = function.Predict(c.Other, joint: true);
            Prediction b = parameter.Predict(c.Other, joint: true);
            AssertClose(a.Mean, b.Mean);
            AssertClose(a.LatentVariance, b.LatentVariance);
            AssertClose(a.NoiseVariance, b.NoiseVariance);
            AssertClose(a.JointCovariance!, b.JointCovariance!);
            AssertClose(network.Evaluate(c.Other), a.SourceMean);
            AssertClose(a.LatentVariance, function.Predict(c.Other).LatentVariance);
        },
        iter: Samples,
        threads: 1);

    [Fact]
    public void Predict_PermutedObservations_IsTheSame() => Cases.All.Sample(
        c =>
        {
            int[] order = new SeededRandom(5).Permutation(c.X.Rows);
            using SourceNetwork network = Cases.Network(c);
            using TaskPosterior straight = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior);
            using TaskPosterior permuted = TaskPosterior.Fit(network, new TaskData(c.X, c.Y).SelectRows(order), c.Prior);
            AssertClose(straight.Predict(c.Other).Mean, permuted.Predict(c.Other).Mean);
            AssertClose(straight.Predict(c.Other).LatentVariance, permuted.Predict(c.Other).LatentVariance);
            int outputs = c.Spec.Outputs;
            for (int i = 0; i < order.Length * outputs; i++)
            {
                double expected = straight.Report.Adapted.Means[(order[i / outputs] * outputs) + (i % outputs)];
                Assert.Equal(expected, permuted.Report.Adapted.Means[i], 1e-6 * Math.Max(1, Math.Abs(expected)));
            }
        },
        iter: Samples,
        threads: 1);

    [Fact]
    public void Fit_SameInputsTwice_GivesTheSameBits()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(5, [33, 17], 2, Activation.Tanh), 2, 60, 30);
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior first = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior);
        for (int repeat = 0; repeat < 10; repeat++)
        {
            // New arrays lie elsewhere in memory: alignment must not show in the last bits.
            var copy = new TaskData(c.X.SelectRows([.. Enumerable.Range(0, 60)]), c.Y.SelectRows([.. Enumerable.Range(0, 60)]));
            using TaskPosterior again = TaskPosterior.Fit(network, copy, c.Prior);
            Assert.Equal(first.Report.LogEvidence, again.Report.LogEvidence);
            Assert.Equal(first.Predict(c.Other).LatentVariance.Values, again.Predict(c.Other).LatentVariance.Values);
        }
    }

    [Fact]
    public void Fit_AllScalesZero_IsTheSourceNetwork()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [5], 2, Activation.SiLU), 2, 8, 4);
        Prior frozen = c.Prior with { BlockScales = [0, 0, 0, 0] };
        using SourceNetwork network = Cases.Network(c);
        foreach (PosteriorSpace space in Enum.GetValues<PosteriorSpace>())
        {
            using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), frozen, space);
            Prediction prediction = posterior.Predict(c.Other);
            AssertClose(prediction.SourceMean, prediction.Mean);
            Assert.All(prediction.LatentVariance.Values, v => Assert.Equal(0, v));
            Assert.Equal(0, posterior.Report.EffectiveDimension, 1e-12);
            Assert.Equal(posterior.Report.SourceOnly.MeanSquaredError, posterior.Report.Adapted.MeanSquaredError, 1e-9);
        }
    }

    [Fact]
    public void Fit_OneBlockFrozen_DoesNotMoveIt()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [5], 2, Activation.SiLU), 2, 8, 4);
        Prior prior = c.Prior with { BlockScales = [0, 1, 1, 1] };
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using var train = network.Linearise(c.X);
        using FunctionSpacePosterior function = FunctionSpacePosterior.Fit(train, Cases.Targets(c.Model, c.Y), prior);
        using ParameterSpacePosterior parameter = ParameterSpacePosterior.Fit(train, Cases.Targets(c.Model, c.Y), prior);
        ParameterBlock frozen = c.Spec.Blocks[0];
        foreach (IPosterior posterior in new IPosterior[] { function, parameter })
        {
            Assert.Equal(0, posterior.MeanParameters().narrow(0, frozen.Offset, frozen.Count).abs().max().item<double>());
            Assert.Equal(0, posterior.SampleParameters(3, 1).narrow(0, frozen.Offset, frozen.Count).abs().max().item<double>());
        }

        Assert.InRange(Oracle.RelativeError(function.MeanParameters(), parameter.MeanParameters()), 0, 1e-8);
    }

    [Theory]
    [InlineData(PosteriorSpace.Function)]
    [InlineData(PosteriorSpace.Parameter)]
    public void Sample_ManyDraws_HaveTheJointMeanAndCovariance(PosteriorSpace space)
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [4], 2, Activation.Tanh), 4, 6, 3);
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior, space);
        Prediction prediction = posterior.Predict(c.Other, joint: true);
        const int Draws = 20_000;
        RowMatrix[] samples = posterior.Sample(c.Other, Draws, seed: 12);
        for (int i = 0; i < 6; i++)
        {
            double variance = prediction.JointCovariance![i, i];
            double mean = samples.Average(s => s.Values[i]);

            // The mean of n draws has sd sqrt(v / n), a product's mean sd at most sqrt(2 v_i v_j / n): five of those, over 6 + 36 checks.
            Assert.InRange(Math.Abs(mean - prediction.Mean.Values[i]), 0, 5 * Math.Sqrt(variance / Draws));
            for (int j = 0; j < 6; j++)
            {
                double product = samples.Average(s => (s.Values[i] - prediction.Mean.Values[i]) * (s.Values[j] - prediction.Mean.Values[j]));
                double deviation = Math.Sqrt(2 * variance * prediction.JointCovariance[j, j] / Draws);
                Assert.InRange(Math.Abs(product - prediction.JointCovariance[i, j]), 0, 5 * deviation);
            }
        }
    }

    [Fact]
    public void Sample_MoreDrawsOrOtherInputs_ContinuesTheSameFunctions()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [4], 1, Activation.Tanh), 4, 6, 5);
        using SourceNetwork network = Cases.Network(c);
        using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior);
        RowMatrix[] two = posterior.Sample(c.Other, 2, seed: 1);
        RowMatrix[] five = posterior.Sample(c.Other, 5, seed: 1);
        RowMatrix[] fewer = posterior.Sample(c.Other.Slice(1, 2), 2, seed: 1);
        AssertClose(two[1], five[1]);
        AssertClose(two[1].Slice(1, 2), fewer[1]);
        Assert.NotEqual(two[0].Values, posterior.Sample(c.Other, 2, seed: 2)[0].Values);
    }

    [Fact]
    public void Fit_InvalidInput_IsRefusedInManagedCode()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [4], 1, Activation.Tanh), 4, 6, 5);
        using SourceNetwork network = Cases.Network(c);
        var data = new TaskData(c.X, c.Y);
        var narrow = new RowMatrix(6, 1, new double[6]);
        Assert.Throws<ArgumentException>(() => TaskPosterior.Fit(network, new TaskData(narrow, c.Y), c.Prior));
        Assert.Throws<ArgumentException>(() => TaskPosterior.Fit(network, new TaskData(c.X, new RowMatrix(6, 2, new double[12])), c.Prior));
        Assert.Throws<ArgumentException>(() => TaskPosterior.Fit(network, data.SelectRows([]), c.Prior));
        Assert.Throws<ArgumentException>(() => new TaskData(c.X, new RowMatrix(5, 1, new double[5])));
        Assert.Throws<ArgumentException>(() => new TaskData(c.X, new RowMatrix(6, 1, [0, 0, double.NaN, 0, 0, 0])));
        Assert.Throws<ArgumentException>(() => TaskPosterior.Fit(network, data, c.Prior with { BlockScales = [1, 1, 1, -1] }));
        Assert.Throws<ArgumentException>(() => TaskPosterior.Fit(network, data, c.Prior with { BlockScales = [1, 1, 1] }));
        Assert.Throws<ArgumentException>(() => TaskPosterior.Fit(network, data, c.Prior with { NoiseVariance = [0] }));
        Assert.Throws<ArgumentException>(() => TaskPosterior.Fit(network, data, c.Prior with { NoiseVariance = [1, 1] }));
        using TaskPosterior posterior = TaskPosterior.Fit(network, data, c.Prior);
        Assert.Throws<ArgumentException>(() => posterior.Predict(narrow));
        Assert.Throws<ArgumentException>(() => posterior.Predict(new RowMatrix(1, 2, [0, double.PositiveInfinity])));
        Assert.Empty(posterior.Predict(new RowMatrix(0, 2, [])).Mean.Values);
    }

    [Fact]
    public void FitPredictSample_ManyTimes_LeaveNoTensorBehind()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [4], 2, Activation.GELU), 4, 6, 5);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (SourceNetwork network = Cases.Network(c))
        {
            foreach (PosteriorSpace space in Enum.GetValues<PosteriorSpace>())
            {
                using TaskPosterior posterior = TaskPosterior.Fit(network, new TaskData(c.X, c.Y), c.Prior, space);
                posterior.Predict(c.Other, joint: true);
                posterior.Predict(c.Other);
                posterior.Sample(c.Other, 2, 1);
                MeanShift.Predict(network, new TaskData(c.X, c.Y), c.Other, 0.5);
            }
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(PosteriorSpace.Function)]
    [InlineData(PosteriorSpace.Parameter)]
    public void Predict_NetworkInFloat32_MatchesFloat64(PosteriorSpace space)
    {
        Case c = Cases.Build(NetworkSpec.Mlp(3, [8, 6], 2, Activation.SiLU), 9, 10, 7);
        using SourceNetwork exact = Cases.Network(c);
        using SourceNetwork single = Cases.Network(c, torch.ScalarType.Float32);
        using TaskPosterior a = TaskPosterior.Fit(exact, new TaskData(c.X, c.Y), c.Prior, space);
        using TaskPosterior b = TaskPosterior.Fit(single, new TaskData(c.X, c.Y), c.Prior, space);
        Prediction x = a.Predict(c.Other);
        Prediction y = b.Predict(c.Other);
        RowMatrix u = a.Sample(c.Other, 1, 3)[0];
        RowMatrix v = b.Sample(c.Other, 1, 3)[0];
        for (int i = 0; i < x.Mean.Values.Length; i++)
        {
            // Kernels are off by 6e-8 of their size, and C^-1 multiplies that by kernel over noise, some thousands here.
            Assert.Equal(x.Mean.Values[i], y.Mean.Values[i], 1e-3);
            Assert.Equal(x.LatentVariance.Values[i], y.LatentVariance.Values[i], 1e-3);
            Assert.Equal(u.Values[i], v.Values[i], 1e-3);
        }
    }

    [Fact]
    public void MeanShift_Predict_IsTheFlatPriorPosteriorOfAConstant()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [4], 1, Activation.Tanh), 4, 6, 5);
        using SourceNetwork network = Cases.Network(c);
        Prediction prediction = MeanShift.Predict(network, new TaskData(c.X, c.Y), c.Other, 0.5);
        double shift = c.Y.Values.Zip(network.Evaluate(c.X).Values, (y, f) => y - f).Average();
        double unit = c.Model.OutputStandardisation.Scale[0];
        Assert.Equal(prediction.SourceMean.Values[2] + shift, prediction.Mean.Values[2], 1e-12);
        Assert.Equal(unit * Math.Sqrt(0.5 * (1 + (1.0 / 6))), prediction.ObservationDeviation(2, 0), 1e-12);
    }

    // Rounding of 1e-16 times a condition number of up to 1e6, relative to the largest element.
    private static void AssertClose(RowMatrix expected, RowMatrix actual)
    {
        Assert.Equal((expected.Rows, expected.Columns), (actual.Rows, actual.Columns));
        double scale = Math.Max(1, expected.Values.Select(Math.Abs).DefaultIfEmpty().Max());
        for (int i = 0; i < expected.Values.Length; i++)
        {
            Assert.InRange(Math.Abs(expected.Values[i] - actual.Values[i]) / scale, 0, 1e-8);
        }
    }
}
