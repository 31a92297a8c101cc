using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Import.Tests.Support;

/// <summary>Seeded numbers.</summary>
internal static class Numbers
{
    /// <summary>Standard normals that are exact in 32 bits.</summary>
    public static double[] Normals(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (double)(float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    public static RowMatrix Rows(int seed, int rows, int width) => new(rows, width, Normals(seed, rows * width));
}
