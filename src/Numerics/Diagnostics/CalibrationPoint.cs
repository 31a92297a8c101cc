using System.Collections.Immutable;
using AdaptCluster.Numerics.Posteriors;
using MathNet.Numerics.Distributions;

namespace AdaptCluster.Numerics.Diagnostics;

/// <summary>One point of a calibration curve.</summary>
/// <param name="Level">The probability of a central interval, between 0 and 1.</param>
/// <param name="Coverage">The share of the observations that it holds: the level itself, if the predictions mean what they say.</param>
public sealed record CalibrationPoint(double Level, double Coverage)
{
    /// <summary>The levels of a curve.</summary>
    public static ImmutableArray<double> Levels { get; } = [0.5, 0.8, 0.9, 0.95, 0.99];

    /// <summary>The curve of Gaussian predictions.</summary>
    public static ImmutableArray<CalibrationPoint> Curve(LeaveOneOut predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        var deviations = new double[predictions.Means.Length];
        for (int i = 0; i < deviations.Length; i++)
        {
            deviations[i] = Math.Abs(predictions.Targets[i] - predictions.Means[i]) / Math.Sqrt(predictions.Variances[i]);
        }

        return [.. Levels.Select(level => new CalibrationPoint(level, Within(deviations, Normal.InvCDF(0, 1, 0.5 + (level / 2)))))];
    }

    private static double Within(double[] deviations, double most) => deviations.Count(deviation => deviation <= most) / (double)deviations.Length;
}
