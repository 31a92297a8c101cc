using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Spreads;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Spreads;

public sealed class PackedSpectrumTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(32, 32)]
    [InlineData(50, 7)]
    [InlineData(200, 120)]
    public void Of_KernelOfAnyRank_GivesTheDensityThatLapackGives(int rows, int rank)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var random = new SeededRandom(rows, 3);
        torch.Tensor root = torch.tensor(random.Normals(rows * rank), [rows, rank]);
        torch.Tensor kernel = torch.mm(root, root.t());
        double[] residuals = random.Normals(rows);
        Spectrum expected = Spectrum.Of(kernel, torch.tensor(residuals, [rows, 1]));
        Spectrum? actual = PackedSpectrum.Of(Pack(kernel), [.. residuals]);
        Assert.NotNull(actual);
        foreach ((double scale, double noise) in new[] { (1.0, 1.0), (0.01, 0.3), (30, 0.05) })
        {
            double density = SpectralSlope.Density(expected, scale, noise);
            Assert.Equal(density, SpectralSlope.Density(actual, scale, noise), 1e-10 * Math.Max(rows, Math.Abs(density))); // rounding of two decompositions
        }
    }

    [Fact]
    public void Of_DiagonalOrZeroKernel_NeedsNoRotation()
    {
        Spectrum? diagonal = PackedSpectrum.Of(new double[] { 3, 0, 0, 2, 0, 1 }, new double[] { 1, 2, 3 });
        Assert.Equal([3.0, 2, 1], diagonal!.Values);
        Assert.Equal([1.0, 4, 9], diagonal.Squares);
        Assert.Equal([0.0, 0, 0], PackedSpectrum.Of(new double[6], new double[3])!.Values);
    }

    [Fact]
    public void Of_NotFinite_IsNothing() =>
        Assert.Null(PackedSpectrum.Of(new double[] { 1, double.NaN, 0.5, 1, 0.2, 1 }, new double[] { 1, 2, 3 }));

    [Fact]
    public void Slope_AnyPoint_IsThatOfFiniteDifferences()
    {
        Spectrum spectrum = SpreadFleets.Task(new SeededRandom(4), 12, 0.7, 1.3);
        const double h = 1e-4; // second differences of a smooth function: errors about h^2 and 1e-15 / h^2
        (double a, double b) = (0.3, -0.4);
        double At(double x, double y) => SpectralSlope.Density(spectrum, Math.Exp(y), Math.Exp(x));
        SpectralSlope slope = SpectralSlope.Of(spectrum, Math.Exp(b), Math.Exp(a));
        Assert.Equal(At(a, b), slope.Value, 1e-12);
        Assert.Equal((At(a + h, b) - At(a - h, b)) / (2 * h), slope.Noise, 1e-6);
        Assert.Equal((At(a, b + h) - At(a, b - h)) / (2 * h), slope.Scale, 1e-6);
        Assert.Equal((At(a + h, b) - (2 * At(a, b)) + At(a - h, b)) / (h * h), -slope.NoiseNoise, 1e-4);
        Assert.Equal((At(a, b + h) - (2 * At(a, b)) + At(a, b - h)) / (h * h), -slope.ScaleScale, 1e-4);
        Assert.Equal((At(a + h, b + h) - At(a + h, b - h) - At(a - h, b + h) + At(a - h, b - h)) / (4 * h * h), -slope.NoiseScale, 1e-4);
    }

    private static double[] Pack(torch.Tensor matrix)
    {
        int n = (int)matrix.shape[0];
        double[] full = matrix.contiguous().data<double>().ToArray();
        return [.. Enumerable.Range(0, n).SelectMany(i => full[((i * n) + i)..((i + 1) * n)])];
    }
}
