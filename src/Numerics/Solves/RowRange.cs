using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Solves;

/// <summary>Consecutive rows of a task.</summary>
/// <param name="Start">The first.</param>
/// <param name="Count">How many, at least 1.</param>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
public readonly record struct RowRange(int Start, int Count)
{
    /// <summary>Cuts rows into ranges whose lengths are in proportion to weights, as nearly as whole rows allow.</summary>
    /// <param name="rows">How many rows, at least one per range.</param>
    /// <param name="weights">Positive, one per range.</param>
    /// <exception cref="ArgumentException">There are more ranges than rows, or a weight is not positive.</exception>
    public static ImmutableArray<RowRange> Cut(int rows, ReadOnlySpan<double> weights)
    {
        double total = 0;
        foreach (double weight in weights)
        {
            total += double.IsFinite(weight) && weight > 0 ? weight : throw new ArgumentException($"A shard's weight must be positive, but is {weight}.", nameof(weights));
        }

        if (weights.IsEmpty || weights.Length > rows)
        {
            throw new ArgumentException($"{rows} rows cannot be cut into {weights.Length} shards.", nameof(weights));
        }

        var ranges = ImmutableArray.CreateBuilder<RowRange>(weights.Length);
        double sum = 0;
        int start = 0;
        for (int s = 0; s < weights.Length; s++)
        {
            sum += weights[s];
            int end = (int)Math.Clamp(Math.Round(rows * (sum / total)), start + 1, rows - (weights.Length - 1 - s));
            ranges.Add(new RowRange(start, end - start));
            start = end;
        }

        return ranges.DrainToImmutable();
    }
}
