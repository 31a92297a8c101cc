namespace AdaptCluster.Numerics.Solves;

/// <summary>What a product is computed in.</summary>
public enum ProductPrecision
{
    /// <summary>fp32 vectors, factors and products: what the recurrence runs on.</summary>
    Single = 0,

    /// <summary>fp64 vectors and sums on fp32 factors or kernel rows: exact for the matrix that the recurrence has, at little more than its cost.</summary>
    Mixed = 1,

    /// <summary>All in fp64, from a network in fp64: what certifies a solution. Factors are formed again.</summary>
    Double = 2,
}
