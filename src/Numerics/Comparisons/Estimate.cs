namespace AdaptCluster.Numerics.Comparisons;

/// <summary>A mean with its standard error.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Of the mean; 0 for a single value.</param>
public sealed record Estimate(double Mean, double StandardError)
{
    internal static Estimate Of(double[] values)
    {
        double mean = values.Average();
        double squares = values.Sum(v => (v - mean) * (v - mean));
        return new Estimate(mean, values.Length < 2 ? 0 : Math.Sqrt(squares / (values.Length - 1.0) / values.Length));
    }

    /// <summary>The mean of the means; the standard error is that of one of them, root mean square.</summary>
    internal static Estimate OverSplits(Estimate[] parts) =>
        new(parts.Average(p => p.Mean), Math.Sqrt(parts.Average(p => p.StandardError * p.StandardError)));
}
