namespace AdaptCluster.Numerics.Solvers;

/// <summary>
/// A block of vectors some rows at a time: what is computed from several of them elementwise then stays in the cache between one operation and the next,
/// and no temporary is as large as a block.
/// </summary>
internal static class RowChunks
{
    private const long Numbers = 1L << 17; // 1 MB of fp64: half of a core's cache

    /// <summary>The chunks of [rows, columns], in order; they depend on nothing else, so sums over them have the same bits every time.</summary>
    internal static IEnumerable<(long Start, long Count)> Of(long rows, long columns)
    {
        long step = Math.Max(1, Numbers / Math.Max(1, columns));
        for (long start = 0; start < rows; start += step)
        {
            yield return (start, Math.Min(step, rows - start));
        }
    }
}
