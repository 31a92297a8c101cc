namespace AdaptCluster.Numerics.Solvers;

/// <summary>How a solve stands or ended. Only <see cref="Converged"/> is an answer.</summary>
public enum SolveStatus
{
    /// <summary>It goes on.</summary>
    Running = 0,

    /// <summary>The residual is within the tolerance.</summary>
    Converged = 1,

    /// <summary>The iterations were used up. Remedy: allow more, a larger preconditioner, or a looser tolerance.</summary>
    IterationLimit = 2,

    /// <summary>The residual went no further down: the products' rounding is as large. Remedy: fp64 products, more noise, or a looser tolerance.</summary>
    Stagnated = 3,

    /// <summary>
    /// A direction had no positive curvature, or a number was not finite: to rounding, the matrix is not positive definite. Remedy: fp64
    /// products, or more noise.
    /// </summary>
    Breakdown = 4,
}
