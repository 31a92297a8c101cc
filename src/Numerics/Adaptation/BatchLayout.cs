using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>How tasks of different sizes become one rectangle: sizes are rounded up to a bucket, and runs of rows lie one after the other.</summary>
internal static class BatchLayout
{
    /// <summary>
    /// Rows that go through the network at once. The values between two layers should stay in the processor's cache, and the price of some seventy calls of
    /// torch should not show: 64 tasks of 32 rows.
    /// </summary>
    private const int ChunkRows = 2_048;

    private const long ChunkNumbers = 1L << 23; // of the rows' Jacobian factors, 64 MB

    /// <summary>The next size of 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, ...: at most a third of the rows are padding.</summary>
    internal static int Bucket(int size)
    {
        int power = 1;
        while (power < size)
        {
            power *= 2;
        }

        return power >= 4 && power / 4 * 3 >= size ? power / 4 * 3 : power;
    }

    /// <summary>How many runs of <paramref name="rows"/> rows are computed together.</summary>
    internal static int TasksPerChunk(NetworkSpec spec, int rows) =>
        (int)Math.Max(1, Math.Min(ChunkRows / rows, ChunkNumbers / (rows * NetworkCost.FactorNumbers(spec))));

    /// <summary>
    /// Writes a run of rows, then its last row again until the run is full. Those rows are computed and never read, so they cannot change a result; of the task's
    /// own rows they are finite wherever the task is.
    /// </summary>
    internal static void Write(RowMatrix rows, int first, int count, Span<double> run)
    {
        int width = rows.Columns;
        ReadOnlySpan<double> own = rows.Values.AsSpan(first * width, count * width);
        own.CopyTo(run);
        for (int start = count * width; start < run.Length; start += width)
        {
            own[^width..].CopyTo(run[start..]);
        }
    }
}
