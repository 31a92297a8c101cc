namespace AdaptCluster.Grains.Tests.Support;

/// <summary>Normal random numbers from a seed (Box and Muller 1958).</summary>
internal sealed class Draws(int seed)
{
    private readonly Random _random = new(seed);

    public double[] Normals(int count) => [.. Enumerable.Range(0, count).Select(_ =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()))];
}
