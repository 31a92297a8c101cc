using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Solves;

/// <summary>A seeded sample of rows, one at random from each of as many equal strata: every shard finds its own without being told.</summary>
internal static class RowSample
{
    /// <summary>The sampled rows within a range, ascending; all rows where so many are asked for.</summary>
    internal static int[] Within(RowRange range, int rows, int sampled, int seed)
    {
        if (sampled >= rows)
        {
            return [.. Enumerable.Range(range.Start, range.Count)];
        }

        var random = new SeededRandom(seed, 7);
        var result = new List<int>();
        for (int i = 0; i < sampled; i++)
        {
            // Every stratum draws, so that the stream of numbers does not depend on the range.
            long first = (long)rows * i / sampled;
            long next = (long)rows * (i + 1) / sampled;
            int row = (int)(first + random.NextInt((int)(next - first)));
            if (row >= range.Start && row < range.Start + range.Count)
            {
                result.Add(row);
            }
        }

        return [.. result];
    }
}
