using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Tests.Spreads;

/// <summary>Tasks drawn as their spectra: eigenvalues over three decades, and residuals along them of the variance that each task's own noise and scale say.</summary>
internal static class SpreadFleets
{
    internal static Spectrum Task(SeededRandom random, int rows, double noise, double scale, Func<double>? normal = null)
    {
        normal ??= random.NextNormal;
        double[] values = [.. Enumerable.Range(0, rows).Select(i => i < 0.7 * rows ? 20 * Math.Exp(-6.9 * i / rows) : 0)];
        double[] squares = Array.ConvertAll(values, v => Math.Pow(Math.Sqrt((scale * v) + noise) * normal(), 2));
        return new Spectrum(values, squares, [.. Enumerable.Repeat(1.0, rows)]);
    }

    /// <summary>Both halves are drawn; the whole is the two together, which is exact where the eigenvectors do not mix the halves.</summary>
    internal static TaskSpectra Halves(SeededRandom random, int rows, double noise, double scale, Func<double>? normal = null)
    {
        Spectrum half = Task(random, rows / 2, noise, scale, normal);
        Spectrum other = Task(random, rows - (rows / 2), noise, scale, normal);
        return new TaskSpectra(Spectrum.Join([half, other]), half);
    }

    /// <summary>A fleet whose factors are log-normal of mean 1.</summary>
    internal static TaskSpectra[] Fleet(int tasks, int rows, double noiseSpread, double scaleSpread, int seed)
    {
        var random = new SeededRandom(seed, 31);
        return
        [
            .. Enumerable.Range(0, tasks).Select(_ => Halves(
                random,
                rows,
                Math.Exp((noiseSpread * random.NextNormal()) - (0.5 * noiseSpread * noiseSpread)),
                Math.Exp((scaleSpread * random.NextNormal()) - (0.5 * scaleSpread * scaleSpread)))),
        ];
    }
}
