using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Cuts a fleet into portions of consecutive tasks of about equal work. Depends on the fleet alone, so that sums over the portions have the same bits wherever
/// these are computed.
/// </summary>
public static class FleetPartition
{
    /// <summary>The number of tasks of each portion, in order; at least one each.</summary>
    /// <param name="spec">The source network.</param>
    /// <param name="rowsPerTask">At least one task; the rows of each, at least 1.</param>
    /// <param name="options">How many rows of a task enter, and whether its outputs are coupled.</param>
    /// <param name="flopsPerPortion">About how many floating-point operations make a portion worth its messages: one evaluation with its preparation.</param>
    /// <param name="mostPortions">The most portions.</param>
    public static ImmutableArray<int> Cut(NetworkSpec spec, IReadOnlyList<int> rowsPerTask, FleetFitOptions options, double flopsPerPortion, int mostPortions)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(rowsPerTask);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(flopsPerPortion);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mostPortions);
        double[] work = [.. rowsPerTask.Select(rows => Flops(spec, Math.Min(rows, options.MaxRowsPerTask), options.Coupling))];
        double total = work.Sum();
        int portions = (int)Math.Clamp(Math.Ceiling(total / flopsPerPortion), 1, Math.Min(mostPortions, work.Length));
        var counts = new int[portions];
        int portion = 0;
        double done = 0;
        for (int t = 0; t < work.Length; t++)
        {
            // The next begins where the middle of a task passes its share, or where only one task is left for each of the rest.
            bool isPassed = done + (0.5 * work[t]) >= total * (portion + 1) / portions;
            bool isLast = work.Length - t == portions - portion - 1;
            if (portion < portions - 1 && counts[portion] > 0 && (isPassed || isLast))
            {
                portion++;
            }

            counts[portion]++;
            done += work[t];
        }

        return [.. counts];
    }

    private static double Flops(NetworkSpec spec, int rows, OutputCoupling coupling)
    {
        double n = coupling == OutputCoupling.Independent ? rows : (double)rows * spec.Outputs;
        double once = (2 * n * n * n) + (4 * spec.Blocks.Length * n * n);
        return PackedPart.BuildFlops(spec, rows) + (coupling == OutputCoupling.Independent ? spec.Outputs * once : once);
    }
}
