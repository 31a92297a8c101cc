using AdaptCluster.Numerics.Solvers;

namespace AdaptCluster.Numerics.Solves;

/// <summary>What the recurrences of a solve say about P^-1/2 A P^-1/2.</summary>
/// <param name="LogDeterminant">Its log determinant, the mean over the probes.</param>
/// <param name="LogDeterminantError">The standard error of that mean; 0 for one probe.</param>
/// <param name="SmallestEigenvalue">Below the smallest Ritz value by its residual; NaN where no step was taken.</param>
internal sealed record SpectrumEstimate(double LogDeterminant, double LogDeterminantError, double SmallestEigenvalue)
{
    /// <summary>Of the columns of a block, of which those from <paramref name="firstProbe"/> on are draws from N(0, P).</summary>
    internal static SpectrumEstimate Of(IReadOnlyList<CgColumn> columns, int firstProbe)
    {
        double[] values = [.. columns.Skip(firstProbe).Select(LanczosQuadrature.LogQuadratic)];
        double mean = values.Length == 0 ? 0 : values.Average();
        double spread = values.Length < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
        double[] smallest = [.. columns.Select(LanczosQuadrature.SmallestEigenvalue).Where(double.IsFinite)];
        return new SpectrumEstimate(mean, spread, smallest.Length == 0 ? double.NaN : smallest.Min());
    }
}
