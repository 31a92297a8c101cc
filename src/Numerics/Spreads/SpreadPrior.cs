using System.Runtime.InteropServices;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.Spreads;

/// <summary>a ~ N(centre, deviation^2) for the logarithm of a task's noise factor, and the same for its scale factor; a deviation of 0 holds it at the centre.</summary>
/// <param name="NoiseCentre">Of a.</param>
/// <param name="NoiseDeviation">Of a, not negative.</param>
/// <param name="ScaleCentre">Of b.</param>
/// <param name="ScaleDeviation">Of b, not negative.</param>
/// <param name="Trust">The power to which the likelihood counts.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SpreadPrior(double NoiseCentre, double NoiseDeviation, double ScaleCentre, double ScaleDeviation, double Trust)
{
    /// <summary>The log-normal factors of mean 1 that a spread describes.</summary>
    internal static SpreadPrior Of(TaskSpread spread) =>
        new(-0.5 * spread.Noise * spread.Noise, spread.Noise, -0.5 * spread.Scale * spread.Scale, spread.Scale, spread.Trust);
}
