using System.Runtime.InteropServices;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>
/// A task's evidence with its own noise and scale integrated over, and their first two moments: Gauss-Hermite quadrature with five points a dimension around
/// the mode, in the units of the curvature there (Laplace's approximation, with what it leaves out).
/// </summary>
/// <remarks>Naylor and Smith, <em>Applications of a method for the efficient computation of posterior distributions</em>, 1982.</remarks>
/// <param name="LogEvidence">log of the integral of p(y | a, b)^eta p(a, b).</param>
/// <param name="Noise">The mean of a.</param>
/// <param name="NoiseSquare">The mean of (a - centre)^2.</param>
/// <param name="Scale">The mean of b.</param>
/// <param name="ScaleSquare">The mean of (b - centre)^2.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SpreadMoments(double LogEvidence, double Noise, double NoiseSquare, double Scale, double ScaleSquare)
{
    private static readonly double[] s_points = [-2.020182870456086, -0.958572464613819, 0, 0.958572464613819, 2.020182870456086];
    private static readonly double[] s_weights = [0.019953242059046, 0.393619323152241, 0.945308720482942, 0.393619323152241, 0.019953242059046];

    /// <summary>Integrates.</summary>
    /// <param name="spectrum">The task.</param>
    /// <param name="scale">theta of the fleet.</param>
    /// <param name="noise">sigma^2 of the fleet.</param>
    /// <param name="prior">What is believed about a and b.</param>
    /// <param name="mode">The mode under the same prior.</param>
    internal static SpreadMoments Of(Spectrum spectrum, double scale, double noise, in SpreadPrior prior, in SpreadMode mode)
    {
        double noiseRoot = Math.Sqrt(mode.NoiseVariance);
        double cross = noiseRoot > 0 ? mode.Covariance / noiseRoot : 0;
        double scaleRoot = Math.Sqrt(Math.Max(mode.ScaleVariance - (cross * cross), 0));
        int noises = noiseRoot > 0 ? s_points.Length : 1;
        int scales = scaleRoot > 0 ? s_points.Length : 1;
        double sum = 0, a1 = 0, a2 = 0, b1 = 0, b2 = 0;
        for (int i = 0; i < noises; i++)
        {
            (double x, double wx) = Point(i, noises);
            for (int j = 0; j < scales; j++)
            {
                (double y, double wy) = Point(j, scales);
                double a = Math.Clamp(mode.Noise + (noiseRoot * x), -SpreadMode.Reach, SpreadMode.Reach);
                double b = Math.Clamp(mode.Scale + (cross * x) + (scaleRoot * y), -SpreadMode.Reach, SpreadMode.Reach);
                double height = SpreadMode.Density(spectrum, scale, noise, prior, a, b) - mode.Height;
                double share = wx * wy * Math.Exp(height + (0.5 * ((x * x) + (y * y))));
                sum += share;
                a1 += share * a;
                a2 += share * (a - prior.NoiseCentre) * (a - prior.NoiseCentre);
                b1 += share * b;
                b2 += share * (b - prior.ScaleCentre) * (b - prior.ScaleCentre);
            }
        }

        double unit = (noises > 1 ? Math.Log(noiseRoot) : 0) + (scales > 1 ? Math.Log(scaleRoot) : 0);
        return new SpreadMoments(mode.Height + Math.Log(sum) + unit, a1 / sum, a2 / sum, b1 / sum, b2 / sum);
    }

    // A standard normal's point, and its weight without the density there: of one dimension that is held, the point itself.
    private static (double Point, double Weight) Point(int i, int points) =>
        points == 1 ? (0, 1) : (Math.Sqrt(2) * s_points[i], Math.Sqrt(2) * s_weights[i]);
}
