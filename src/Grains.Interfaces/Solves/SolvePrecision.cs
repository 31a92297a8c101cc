namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What a question is computed in.</summary>
public enum SolvePrecision
{
    /// <summary>fp32.</summary>
    Single = 0,

    /// <summary>fp64 vectors and sums on fp32 factors.</summary>
    Mixed = 1,

    /// <summary>All in fp64.</summary>
    Double = 2,
}
