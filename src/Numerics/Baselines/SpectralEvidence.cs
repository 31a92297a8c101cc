using AdaptCluster.Numerics.Spreads;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>
/// The evidence of residuals under theta K + sigma^2 I, of one task or of many that share theta and sigma^2. With rho = sigma^2 / theta the best
/// theta is closed form, so the maximum is a search over rho alone: a grid of 61 points over ten decades, then a golden section. It is global up to the grid.
/// The noise is at least 1e-4 of the signal's variance, as in common Gaussian process libraries: five equal targets would otherwise have no noise at all.
/// </summary>
internal static class SpectralEvidence
{
    private const double Least = 1e-4; // rho over the mean eigenvalue: the noise over the signal's variance
    private const double Most = 1e6;
    private const int GridPoints = 61;
    private const double Smallest = 1e-12; // a noise, in standardised units squared

    /// <summary>log N(residuals; 0, theta K + sigma^2 I).</summary>
    internal static double Value(Spectrum spectrum, double scale, double noiseVariance) => SpectralSlope.Density(spectrum, scale, noiseVariance);

    /// <summary>Maximises the sum of the tasks' evidences.</summary>
    /// <param name="spectra">At least one task.</param>
    /// <param name="weights">Optional, as long as <paramref name="spectra"/>: how much each task counts, not negative.</param>
    internal static SpectralFit Maximise(IReadOnlyList<Spectrum> spectra, IReadOnlyList<double>? weights = null)
    {
        double count = 0;
        double total = 0;
        double trace = 0;
        for (int t = 0; t < spectra.Count; t++)
        {
            double weight = weights?[t] ?? 1;
            count += weight * spectra[t].Count;
            total += weight * spectra[t].Squares.Sum();
            trace += weight * spectra[t].Values.Zip(spectra[t].Counts, (v, c) => v * c).Sum();
        }

        if (!(count > 0))
        {
            return new SpectralFit(0, 1, 0);
        }

        double mean = trace / count;
        if (!(mean > 0))
        {
            double noise = Math.Max(total / count, Smallest);
            return new SpectralFit(0, noise, Sum(spectra, weights, 0, noise));
        }

        double Profile(double logRho) => Best(spectra, weights, Math.Exp(logRho) * mean, count).LogEvidence;
        double best = LineSearch.Maximise(Profile, Math.Log(Least), Math.Log(Most), GridPoints, 1e-6);
        return Best(spectra, weights, Math.Exp(best) * mean, count);
    }

    /// <summary>The same where the noise is known; the scale may be 0.</summary>
    internal static SpectralFit MaximiseScale(IReadOnlyList<Spectrum> spectra, double noiseVariance, IReadOnlyList<double>? weights = null)
    {
        double mean = spectra.Sum(s => s.Values.Zip(s.Counts, (v, c) => v * c).Sum()) / Math.Max(spectra.Sum(s => s.Count), 1);
        double none = Sum(spectra, weights, 0, noiseVariance);
        if (!(mean > 0))
        {
            return new SpectralFit(0, noiseVariance, none);
        }

        double unit = noiseVariance / mean;
        double At(double logScale) => Sum(spectra, weights, Math.Exp(logScale) * unit, noiseVariance);
        double best = LineSearch.Maximise(At, -Math.Log(Most), Math.Log(Most), GridPoints, 1e-6);
        double value = At(best);
        return value > none ? new SpectralFit(Math.Exp(best) * unit, noiseVariance, value) : new SpectralFit(0, noiseVariance, none);
    }

    private static double Sum(IReadOnlyList<Spectrum> spectra, IReadOnlyList<double>? weights, double scale, double noise)
    {
        double sum = 0;
        for (int t = 0; t < spectra.Count; t++)
        {
            double weight = weights?[t] ?? 1;
            sum += weight > 0 ? weight * Value(spectra[t], scale, noise) : 0;
        }

        return sum;
    }

    // dL/dtheta = 0 at theta = 1/N sum z^2 / (lambda + rho).
    private static SpectralFit Best(IReadOnlyList<Spectrum> spectra, IReadOnlyList<double>? weights, double rho, double count)
    {
        double squares = 0;
        double logs = 0;
        for (int t = 0; t < spectra.Count; t++)
        {
            double weight = weights?[t] ?? 1;
            if (!(weight > 0))
            {
                continue;
            }

            Spectrum s = spectra[t];
            for (int i = 0; i < s.Values.Length; i++)
            {
                double relative = s.Values[i] + rho;
                squares += weight * s.Squares[i] / relative;
                logs += weight * s.Counts[i] * Math.Log(relative);
            }
        }

        double scale = Math.Max(squares / count, Smallest / rho);
        return new SpectralFit(scale, scale * rho, -0.5 * ((squares / scale) + logs + (count * Math.Log(2 * Math.PI * scale))));
    }
}
