using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Tests.Spreads;

public sealed class SpreadModeTests
{
    [Theory]
    [InlineData(2, 1, 1, 0.5, 0.5, 1)]
    [InlineData(5, 4, 1, 0.5, 0.8, 1)]
    [InlineData(20, 0.2, 3, 0.7, 0.7, 1)]
    [InlineData(50, 6, 0.1, 1.5, 1.5, 0.25)]
    [InlineData(300, 0.5, 2, 0.4, 1, 1)]
    public void Find_AnyTask_IsTheBestPointOfADenseGrid(int rows, double noise, double scale, double noiseSpread, double scaleSpread, double trust)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            Spectrum spectrum = SpreadFleets.Task(new SeededRandom(seed, rows), rows, noise, scale);
            SpreadPrior prior = SpreadPrior.Of(new TaskSpread(noiseSpread, scaleSpread, trust));
            SpreadMode mode = SpreadMode.Find(spectrum, 1, 1, prior);
            Assert.Equal(SpreadMode.Density(spectrum, 1, 1, prior, mode.Noise, mode.Scale), mode.Height, 1e-10 * Math.Abs(mode.Height));
            const double step = 0.05;
            for (double a = -4 * noiseSpread; a <= 4 * noiseSpread; a += step)
            {
                for (double b = -4 * scaleSpread; b <= 4 * scaleSpread; b += step)
                {
                    Assert.True(SpreadMode.Density(spectrum, 1, 1, prior, a, b) <= mode.Height + 1e-9);
                }
            }
        }
    }

    [Theory]
    [InlineData(3, 0.5, 0.5, 0.02)]
    [InlineData(12, 0.5, 1, 0.02)]
    [InlineData(60, 1, 1, 0.01)]
    public void Moments_AnyTask_AreThoseOfADenseQuadrature(int rows, double noiseSpread, double scaleSpread, double tolerance)
    {
        // Five points a dimension leave what the posterior's tails have beyond a normal's: hundredths of a nat at three rows.
        for (int seed = 0; seed < 5; seed++)
        {
            Spectrum spectrum = SpreadFleets.Task(new SeededRandom(seed, rows), rows, 1.7, 0.5);
            SpreadPrior prior = SpreadPrior.Of(new TaskSpread(noiseSpread, scaleSpread));
            SpreadMode mode = SpreadMode.Find(spectrum, 1, 1, prior);
            SpreadMoments moments = SpreadMoments.Of(spectrum, 1, 1, prior, mode);
            double sum = 0, noise = 0, scale = 0;
            const double step = 0.02;
            for (double a = prior.NoiseCentre - (6 * noiseSpread); a <= prior.NoiseCentre + (6 * noiseSpread); a += step)
            {
                for (double b = prior.ScaleCentre - (6 * scaleSpread); b <= prior.ScaleCentre + (6 * scaleSpread); b += step)
                {
                    double share = Math.Exp(SpreadMode.Density(spectrum, 1, 1, prior, a, b) - mode.Height) * step * step;
                    (sum, noise, scale) = (sum + share, noise + (share * a), scale + (share * b));
                }
            }

            Assert.Equal(mode.Height + Math.Log(sum), moments.LogEvidence, tolerance);
            Assert.Equal(noise / sum, moments.Noise, tolerance);
            Assert.Equal(scale / sum, moments.Scale, tolerance);
        }
    }

    [Fact]
    public void Find_NoData_StaysWithTheFleet()
    {
        SpreadMode mode = SpreadMode.Find(new Spectrum([], [], []), 1, 1, SpreadPrior.Of(new TaskSpread(0.6, 0.9)));
        Assert.Equal(1, mode.Factors.Noise, 1e-9);
        Assert.Equal(1, mode.Factors.Scale, 1e-9);
    }

    [Fact]
    public void Find_WhatIsHeld_DoesNotMove()
    {
        Spectrum spectrum = SpreadFleets.Task(new SeededRandom(1), 40, 5, 0.2);
        TaskFactors noise = SpreadMode.Find(spectrum, 1, 1, SpreadPrior.Of(new TaskSpread(0.8, 0))).Factors;
        TaskFactors scale = SpreadMode.Find(spectrum, 1, 1, SpreadPrior.Of(new TaskSpread(0, 0.8))).Factors;
        Assert.Equal(1, noise.Scale);
        Assert.Equal(1, scale.Noise);
        Assert.True(noise.Noise > 1.5);
    }

    [Fact]
    public void Find_ResidualsThatAreAllZero_EndsWithinItsReach()
    {
        var spectrum = new Spectrum([.. Enumerable.Range(0, 500).Select(i => (double)i)], new double[500], [.. Enumerable.Repeat(1.0, 500)]);
        SpreadMode mode = SpreadMode.Find(spectrum, 1, 1, SpreadPrior.Of(new TaskSpread(2, 2)));
        Assert.InRange(mode.Noise, -SpreadMode.Reach, 0);
        Assert.True(double.IsFinite(mode.Factors.Noise) && mode.Factors.Noise > 0);
    }
}
