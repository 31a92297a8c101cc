using System.Runtime.InteropServices;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// The log density of a spectrum under the covariance scale e^b lambda + noise e^a with its derivatives with respect to a ("noise") and b ("scale").
/// </summary>
/// <param name="Value">In nats.</param>
/// <param name="Noise">dL/da.</param>
/// <param name="Scale">dL/db.</param>
/// <param name="NoiseNoise">-d2L/da2.</param>
/// <param name="NoiseScale">-d2L/dadb.</param>
/// <param name="ScaleScale">-d2L/db2.</param>
/// <param name="Information">The average of observed and expected information, aa, ab and bb: positive semidefinite where the others need not be.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SpectralSlope(
    double Value, double Noise, double Scale, double NoiseNoise, double NoiseScale, double ScaleScale, (double NoiseNoise, double NoiseScale, double ScaleScale) Information)
{
    private const int Together = 4; // variances that are multiplied before a logarithm is taken

    /// <summary>The log density alone.</summary>
    internal static double Density(Spectrum spectrum, double scale, double noise)
    {
        double squares = 0;
        double logarithms = 0;
        double product = 1;
        for (int i = 0; i < spectrum.Values.Length; i++)
        {
            double variance = (scale * spectrum.Values[i]) + noise;
            squares += spectrum.Squares[i] / variance;
            if (spectrum.Counts[i] == 1)
            {
                product *= variance;
            }
            else
            {
                logarithms += spectrum.Counts[i] * Math.Log(variance);
            }

            if (i % Together == Together - 1)
            {
                logarithms += Math.Log(product);
                product = 1;
            }
        }

        logarithms += Math.Log(product);
        return spectrum.Offset - (0.5 * (squares + logarithms + (spectrum.Count * Math.Log(2 * Math.PI))));
    }

    /// <summary>The log density with its derivatives.</summary>
    internal static SpectralSlope Of(Spectrum spectrum, double scale, double noise)
    {
        double a = 0, b = 0, aa = 0, ab = 0, bb = 0, iaa = 0, iab = 0, ibb = 0;
        for (int i = 0; i < spectrum.Values.Length; i++)
        {
            double variance = (scale * spectrum.Values[i]) + noise;
            double p = noise / variance; // the share of the variance that is noise
            double s = 1 - p;
            double misfit = spectrum.Squares[i] / variance;
            double excess = misfit - spectrum.Counts[i];
            a += excess * p;
            b += excess * s;
            aa += (misfit * p * p) - (excess * p * s);
            ab += (misfit + excess) * p * s;
            bb += (misfit * s * s) - (excess * p * s);
            iaa += misfit * p * p;
            iab += misfit * p * s;
            ibb += misfit * s * s;
        }

        return new SpectralSlope(Density(spectrum, scale, noise), a / 2, b / 2, aa / 2, ab / 2, bb / 2, (iaa / 2, iab / 2, ibb / 2));
    }
}
