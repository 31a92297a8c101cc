using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Spreads;
using MathNet.Numerics.LinearAlgebra;

namespace AdaptCluster.Numerics.Tests.Spreads;

public sealed class SpreadLearnerTests
{
    [Theory]
    [InlineData(0.6, 0.8, 30, 1)]
    [InlineData(0.3, 0.4, 40, 2)]
    [InlineData(1.2, 0.5, 20, 3)]
    public void Fit_FiveHundredTasks_RecoversTheSpreadsWithinThreeStandardErrors(double noise, double scale, int rows, int seed)
    {
        TaskSpectra[] fleet = SpreadFleets.Fleet(500, rows, noise, scale, seed);
        SpreadFit fit = SpreadLearner.Fit(fleet, trust: 1);
        var likelihood = new SpreadLikelihood(fleet, 1);
        double[] actual = [Math.Log(fit.Spread.Noise), Math.Log(fit.Spread.Scale), Math.Log(fit.Centre.Noise), Math.Log(fit.Centre.Scale)];
        FleetPoint at = likelihood.Evaluate(Vector<double>.Build.Dense(actual))!;
        Assert.InRange(at.GradientNorm, 0, 5e-3); // the quadrature's error in it: no standard error below is moved by a twentieth
        Matrix<double> covariance = (500 * at.Curvature).Inverse();
        double[] expected = [Math.Log(noise), Math.Log(scale), 0, 0];
        for (int i = 0; i < 4; i++)
        {
            double error = Math.Sqrt(covariance[i, i]);
            Assert.InRange(error, 0, 0.25);
            Assert.InRange((actual[i] - expected[i]) / error, -3, 3);
        }
    }

    [Fact]
    public void Evaluate_AnyPoint_HasTheGradientOfFiniteDifferences()
    {
        var likelihood = new SpreadLikelihood(SpreadFleets.Fleet(30, 12, 0.5, 0.5, seed: 5), 0.5);
        double[] x = [Math.Log(0.4), Math.Log(0.7), 0.1, -0.2];
        double[] gradient = [.. likelihood.Evaluate(Vector<double>.Build.Dense(x))!.Gradient];
        const double h = 1e-4;
        for (int i = 0; i < 4; i++)
        {
            double[] more = [.. x];
            double[] less = [.. x];
            (more[i], less[i]) = (x[i] + h, x[i] - h);
            double difference = (likelihood.Evaluate(Vector<double>.Build.Dense(more))!.Cost - likelihood.Evaluate(Vector<double>.Build.Dense(less))!.Cost) / (2 * h);
            Assert.Equal(difference, gradient[i], 5e-3); // the quadrature's points move with x, its error with them
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Learn_TasksThatDoNotDiffer_ThereIsNoSpreadOrHardlyOne(int seed)
    {
        SpreadFit fit = SpreadLearner.Learn(SpreadFleets.Fleet(300, 30, 0, 0, seed));
        Assert.InRange(fit.Spread.Noise, 0, 0.15);
        Assert.InRange(fit.Spread.Scale, 0, 0.3);
        Assert.InRange(fit.Gain, 0, 2e-3); // nats
    }

    [Fact]
    public void Learn_TasksThatDiffer_MovesThemAndSaysWhatItIsWorth()
    {
        SpreadFit fit = SpreadLearner.Learn(SpreadFleets.Fleet(300, 40, 0.8, 0.8, seed: 7));
        Assert.InRange(fit.Spread.Noise, 0.6, 1.0);
        Assert.InRange(fit.Spread.Scale, 0.4, 1.2);
        Assert.Equal(1, fit.Spread.Trust);
        Assert.InRange(fit.Gain, 0.02, 0.3);
    }

    [Fact]
    public void Learn_PoisonedTasks_DoNotSpoilTheSpread()
    {
        TaskSpectra[] fleet = SpreadFleets.Fleet(200, 30, 0.4, 0.4, seed: 8);
        SpreadFit clean = SpreadLearner.Fit(fleet, 1);
        var random = new SeededRandom(9);
        TaskSpectra[] poisoned =
        [
            .. fleet,
            .. Enumerable.Range(0, 4).Select(_ => SpreadFleets.Halves(random, 30, 90, 1)), // just within what a fit leaves in
            .. Enumerable.Range(0, 4).Select(_ => SpreadFleets.Halves(random, 30, 1e-4, 1e-4)),
        ];
        SpreadFit spoiled = SpreadLearner.Fit(poisoned, 1);
        Assert.InRange(spoiled.Spread.Noise, 0.8 * clean.Spread.Noise, 1.25 * clean.Spread.Noise);
        Assert.InRange(spoiled.Spread.Scale, 0.7 * clean.Spread.Scale, 1.4 * clean.Spread.Scale);
        Assert.InRange(spoiled.Centre.Noise, 0.9 * clean.Centre.Noise, 1.1 * clean.Centre.Noise);
    }

    [Fact]
    public void Learn_HeavyTails_TrustsATasksOwnRowsLess()
    {
        // Student's t with three degrees of freedom and unit scale, the same for every task: some rows look noisier than others, and no task is.
        var random = new SeededRandom(10);
        double Heavy()
        {
            double squares = 0;
            for (int i = 0; i < 3; i++)
            {
                double z = random.NextNormal();
                squares += z * z;
            }

            return random.NextNormal() / Math.Sqrt(squares / 3) / Math.Sqrt(3);
        }

        TaskSpectra[] fleet = [.. Enumerable.Range(0, 300).Select(_ => SpreadFleets.Halves(random, 40, 1, 1e-6, Heavy))];
        SpreadFit fit = SpreadLearner.Learn(fleet);
        Assert.True(SpreadLearner.Fit(fleet, 1).Spread.Noise > 0.4); // a normal model is taken in
        Assert.True(fit.Spread.Noise < 0.4 && (fit.Spread.IsNone || fit.Spread.Trust < 1), fit.ToString());
    }

    [Fact]
    public void Learn_TooFewTasks_ThereIsNone() => Assert.Equal(SpreadFit.None, SpreadLearner.Learn(SpreadFleets.Fleet(2, 30, 1, 1, seed: 1)));
}
