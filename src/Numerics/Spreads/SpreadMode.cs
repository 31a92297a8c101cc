using System.Runtime.InteropServices;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// Where a task's own noise and scale are by maximum a posteriori, and how well that is known: the mode of eta L(a, b) + log p(a, b) by Newton's method from the
/// best of nine points, and the inverse curvature there. O(N) a step.
/// </summary>
/// <param name="Noise">a, the logarithm of the noise factor.</param>
/// <param name="Scale">b, that of the scale factor.</param>
/// <param name="Height">The log posterior density there, not normalised by the evidence.</param>
/// <param name="NoiseVariance">Of a; 0 where it is held.</param>
/// <param name="Covariance">Of a and b.</param>
/// <param name="ScaleVariance">Of b; 0 where it is held.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SpreadMode(double Noise, double Scale, double Height, double NoiseVariance, double Covariance, double ScaleVariance)
{
    /// <summary>No factor leaves e^-12 to e^12: residuals that are all zero have no best noise.</summary>
    internal const double Reach = 12;

    private const int MostSteps = 50;
    private const int MostTrials = 10;
    private const double Tolerance = 1e-10; // of a and b
    private const double Near = 1e-4; // of a and b
    private const int LastSteps = 4; // each squares the distance, and the third is below rounding

    /// <summary>
    /// The factors that a task is adapted with: the posterior means of e^a and e^b, which are 1 before there are data and the optimum's own with many.
    /// Of a normal prediction with an uncertain variance the mean is the variance that scores best.
    /// </summary>
    internal TaskFactors Factors => new(Math.Exp(Noise + (0.5 * NoiseVariance)), Math.Exp(Scale + (0.5 * ScaleVariance)));

    /// <summary>Finds the mode.</summary>
    /// <param name="spectrum">The task.</param>
    /// <param name="scale">theta of the fleet, for the spectrum's kernel.</param>
    /// <param name="noise">sigma^2 of the fleet.</param>
    /// <param name="prior">What is believed about a and b.</param>
    /// <param name="from">Optional: a point nearby; it saves the nine.</param>
    internal static SpreadMode Find(Spectrum spectrum, double scale, double noise, in SpreadPrior prior, SpreadMode? from = null)
    {
        (double a, double b) = from is { } near ? (near.Noise, near.Scale) : Start(spectrum, scale, noise, prior);
        SpectralSlope at = At(spectrum, scale, noise, prior, a, b);
        for (int step = 0; step < MostSteps; step++)
        {
            (double da, double db) = Newton(at, prior);
            bool moved = false;
            for (int trial = 0; trial < MostTrials && !moved; trial++, da *= 0.3, db *= 0.3)
            {
                double nextA = Math.Clamp(a + da, -Reach, Reach);
                double nextB = Math.Clamp(b + db, -Reach, Reach);
                SpectralSlope next = At(spectrum, scale, noise, prior, nextA, nextB);
                if (next.Value > at.Value)
                {
                    moved = Math.Abs(nextA - a) + Math.Abs(nextB - b) > Tolerance;
                    (a, b, at) = (nextA, nextB, next);
                    break;
                }
            }

            if (!moved)
            {
                break;
            }
        }

        return Of(at, a, b, prior);
    }

    /// <summary>
    /// The mode by its slope. Near the top all heights are equal to rounding, so that the mode found by height is right to 1e-8 only: two kernels that differ by
    /// rounding would have factors that differ by that. Newton's last steps are taken whatever the height.
    /// </summary>
    internal SpreadMode Settled(Spectrum spectrum, double scale, double noise, in SpreadPrior prior)
    {
        (double a, double b) = (Noise, Scale);
        SpectralSlope at = At(spectrum, scale, noise, prior, a, b);
        for (int step = 0; step < LastSteps && IsMaximum(at, prior); step++)
        {
            (double da, double db) = Newton(at, prior);
            if (Math.Abs(da) + Math.Abs(db) > Near)
            {
                break;
            }

            (a, b) = (Math.Clamp(a + da, -Reach, Reach), Math.Clamp(b + db, -Reach, Reach));
            at = At(spectrum, scale, noise, prior, a, b);
        }

        return Of(at, a, b, prior);
    }

    /// <summary>The log posterior density without its derivatives.</summary>
    internal static double Density(Spectrum spectrum, double scale, double noise, in SpreadPrior prior, double a, double b) =>
        (prior.Trust * SpectralSlope.Density(spectrum, scale * Math.Exp(b), noise * Math.Exp(a)))
        + Normal(a, prior.NoiseCentre, prior.NoiseDeviation) + Normal(b, prior.ScaleCentre, prior.ScaleDeviation);

    private static double Normal(double value, double centre, double deviation) => deviation == 0
        ? 0
        : -(0.5 * (value - centre) * (value - centre) / (deviation * deviation)) - Math.Log(deviation) - (0.5 * Math.Log(2 * Math.PI));

    private static (double A, double B) Start(Spectrum spectrum, double scale, double noise, in SpreadPrior prior)
    {
        const double Away = 1.5; // deviations
        (double A, double B) best = (prior.NoiseCentre, prior.ScaleCentre);
        double height = double.NegativeInfinity;
        for (int i = -1; i <= 1; i++)
        {
            for (int j = -1; j <= 1; j++)
            {
                double a = Math.Clamp(prior.NoiseCentre + (i * Away * prior.NoiseDeviation), -Reach, Reach);
                double b = Math.Clamp(prior.ScaleCentre + (j * Away * prior.ScaleDeviation), -Reach, Reach);
                double value = Density(spectrum, scale, noise, prior, a, b);
                (best, height) = value > height ? ((a, b), value) : (best, height);
            }
        }

        return best;
    }

    private static SpreadMode Of(SpectralSlope at, double a, double b, in SpreadPrior prior)
    {
        (double aa, double ab, double bb) = Inverse(Curvature(at, prior), prior);
        return new SpreadMode(a, b, at.Value, aa, ab, bb);
    }

    private static SpectralSlope At(Spectrum spectrum, double scale, double noise, in SpreadPrior prior, double a, double b)
    {
        SpectralSlope slope = SpectralSlope.Of(spectrum, scale * Math.Exp(b), noise * Math.Exp(a));
        double trust = prior.Trust;
        return new SpectralSlope(
            (trust * slope.Value) + Normal(a, prior.NoiseCentre, prior.NoiseDeviation) + Normal(b, prior.ScaleCentre, prior.ScaleDeviation),
            (trust * slope.Noise) - ((a - prior.NoiseCentre) * Precision(prior.NoiseDeviation)),
            (trust * slope.Scale) - ((b - prior.ScaleCentre) * Precision(prior.ScaleDeviation)),
            (trust * slope.NoiseNoise) + Precision(prior.NoiseDeviation),
            trust * slope.NoiseScale,
            (trust * slope.ScaleScale) + Precision(prior.ScaleDeviation),
            (
                (trust * slope.Information.NoiseNoise) + Precision(prior.NoiseDeviation),
                trust * slope.Information.NoiseScale,
                (trust * slope.Information.ScaleScale) + Precision(prior.ScaleDeviation)));
    }

    private static double Precision(double deviation) => deviation == 0 ? 0 : 1 / (deviation * deviation);

    // The observed curvature where it is one of a maximum, else the average information, which always is.
    private static (double AA, double AB, double BB) Curvature(SpectralSlope at, in SpreadPrior prior) =>
        IsMaximum(at, prior) ? (at.NoiseNoise, at.NoiseScale, at.ScaleScale) : at.Information;

    private static bool IsMaximum(SpectralSlope at, in SpreadPrior prior)
    {
        bool noise = prior.NoiseDeviation > 0;
        bool scale = prior.ScaleDeviation > 0;
        return (!noise || at.NoiseNoise > 0) && (!scale || at.ScaleScale > 0)
            && (!noise || !scale || (at.NoiseNoise * at.ScaleScale) - (at.NoiseScale * at.NoiseScale) > 1e-6 * at.NoiseNoise * at.ScaleScale);
    }

    private static (double A, double B) Newton(SpectralSlope at, in SpreadPrior prior)
    {
        (double aa, double ab, double bb) = Inverse(Curvature(at, prior), prior);
        return ((aa * at.Noise) + (ab * at.Scale), (ab * at.Noise) + (bb * at.Scale));
    }

    // What is held has no variance.
    private static (double AA, double AB, double BB) Inverse((double AA, double AB, double BB) m, in SpreadPrior prior)
    {
        if (prior.NoiseDeviation == 0 || prior.ScaleDeviation == 0)
        {
            return (prior.NoiseDeviation == 0 ? 0 : 1 / m.AA, 0, prior.ScaleDeviation == 0 ? 0 : 1 / m.BB);
        }

        double determinant = (m.AA * m.BB) - (m.AB * m.AB);
        return (m.BB / determinant, -m.AB / determinant, m.AA / determinant);
    }
}
