using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Spreads;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Baselines;

public sealed class SpectralEvidenceTests
{
    private const double Rounding = 1e-9; // of sums of a dozen logarithms

    [Fact]
    public void Value_AnyKernel_IsTheDenseDensity()
    {
        (torch.Tensor kernel, torch.Tensor residuals) = Problem(seed: 1, rows: 9);
        double value = SpectralEvidence.Value(Spectrum.Of(kernel, residuals), 0.7, 0.2);
        Assert.Equal(DenseDensity(kernel, residuals, 0.7, 0.2), value, Rounding * 10);
    }

    [Fact]
    public void Value_SharedKernelOfTwoOutputs_IsTheSumOverOutputs()
    {
        (torch.Tensor kernel, torch.Tensor first) = Problem(seed: 2, rows: 6);
        (_, torch.Tensor second) = Problem(seed: 3, rows: 6);
        Spectrum both = Spectrum.Of(kernel, torch.cat([first, second], dim: 1));
        double sum = DenseDensity(kernel, first, 0.7, 0.2) + DenseDensity(kernel, second, 0.7, 0.2);
        Assert.Equal(sum, SpectralEvidence.Value(both, 0.7, 0.2), Rounding * 10);
    }

    [Fact]
    public void Maximise_OneTask_HasNoSlopeAndBeatsAGrid()
    {
        (torch.Tensor kernel, torch.Tensor residuals) = Problem(seed: 4, rows: 20, signal: 1.5, noise: 0.3);
        Spectrum spectrum = Spectrum.Of(kernel, residuals);
        SpectralFit fit = SpectralEvidence.Maximise([spectrum]);
        Assert.Equal(SpectralEvidence.Value(spectrum, fit.Scale, fit.NoiseVariance), fit.LogEvidence, Rounding * 100);

        // Central differences over log-parameters; the search ends within 1e-6 of the best ratio, so a slope of 1e-4 is a zero one.
        const double h = 1e-4;
        double slopeScale = (SpectralEvidence.Value(spectrum, fit.Scale * Math.Exp(h), fit.NoiseVariance) - SpectralEvidence.Value(spectrum, fit.Scale * Math.Exp(-h), fit.NoiseVariance)) / (2 * h);
        double slopeNoise = (SpectralEvidence.Value(spectrum, fit.Scale, fit.NoiseVariance * Math.Exp(h)) - SpectralEvidence.Value(spectrum, fit.Scale, fit.NoiseVariance * Math.Exp(-h))) / (2 * h);
        Assert.InRange(slopeScale, -1e-4, 1e-4);
        Assert.InRange(slopeNoise, -1e-4, 1e-4);
        for (double s = -6; s <= 6; s += 0.25)
        {
            for (double v = -6; v <= 6; v += 0.25)
            {
                Assert.True(SpectralEvidence.Value(spectrum, Math.Exp(s), Math.Exp(v)) <= fit.LogEvidence + Rounding);
            }
        }
    }

    [Fact]
    public void Maximise_WeightTwo_IsTheTaskTwice()
    {
        Spectrum one = Of(5);
        Spectrum other = Of(6);
        SpectralFit weighted = SpectralEvidence.Maximise([one, other], [2, 1]);
        SpectralFit twice = SpectralEvidence.Maximise([one, one, other]);
        Assert.Equal(twice.Scale, weighted.Scale, 1e-6 * twice.Scale);
        Assert.Equal(twice.NoiseVariance, weighted.NoiseVariance, 1e-6 * twice.NoiseVariance);
    }

    [Fact]
    public void Maximise_EqualResiduals_KeepsSomeNoise()
    {
        var spectrum = new Spectrum([5, 0], [20, 0], [1, 4]);
        SpectralFit fit = SpectralEvidence.Maximise([spectrum]);
        Assert.True(fit.NoiseVariance > 0 && double.IsFinite(fit.LogEvidence));
    }

    [Fact]
    public void Maximise_KernelOfZeros_IsNoiseAlone()
    {
        SpectralFit fit = SpectralEvidence.Maximise([new Spectrum([0], [8], [4])]);
        Assert.Equal(0, fit.Scale);
        Assert.Equal(2, fit.NoiseVariance, Rounding);
    }

    private static Spectrum Of(int seed)
    {
        (torch.Tensor kernel, torch.Tensor residuals) = Problem(seed, rows: 8);
        return Spectrum.Of(kernel, residuals);
    }

    private static (torch.Tensor Kernel, torch.Tensor Residuals) Problem(int seed, int rows, double signal = 1, double noise = 0.5)
    {
        var random = new SeededRandom(seed, 3);
        torch.Tensor features = torch.tensor(random.Normals(rows * 5)).view(rows, 5);
        torch.Tensor residuals = (torch.mm(features, torch.tensor(random.Normals(5)).view(5, 1)) * signal) + (torch.tensor(random.Normals(rows)).view(rows, 1) * noise);
        return (torch.mm(features, features.t()), residuals);
    }

    private static double DenseDensity(torch.Tensor kernel, torch.Tensor residuals, double scale, double noise)
    {
        long n = kernel.shape[0];
        torch.Tensor covariance = (kernel * scale) + (torch.eye(n, dtype: torch.ScalarType.Float64) * noise);
        double fit = torch.mm(residuals.t(), torch.mm(torch.linalg.inv(covariance), residuals)).item<double>();
        return -0.5 * (fit + torch.linalg.slogdet(covariance).Item2.item<double>() + (n * Math.Log(2 * Math.PI)));
    }
}
