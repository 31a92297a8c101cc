namespace AdaptCluster.FlightsSlice;

/// <summary>
/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014). System.Random does not promise the same
/// numbers in the next runtime; the sample file should be reproducible from its seed for good.
/// </summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>At most <paramref name="most"/> of the rows, each subset of that size equally likely.</summary>
    public ReadOnlySpan<int> Sample(int[] rows, int most)
    {
        int taken = Math.Min(most, rows.Length);
        for (int i = 0; i < taken; i++)
        {
            // Modulo bias is below 2^-40 for any number of rows that fits in memory.
            int j = i + (int)(Next() % (ulong)(rows.Length - i));
            (rows[i], rows[j]) = (rows[j], rows[i]);
        }

        return rows.AsSpan(0, taken);
    }

    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
