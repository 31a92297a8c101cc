namespace AdaptCluster.Numerics.Solves;

/// <summary>How the variance of a solved posterior is kept. None is ever below the exact variance.</summary>
public enum SolvedForm
{
    /// <summary>Function space, projected on t directions S: k** - |L^-1 S^T k*|^2 with L L^T = S^T C S.</summary>
    Projected = 0,

    /// <summary>Parameter space: |L^-1 D^1/2 j*|^2 / scale, with L L^T = P the preconditioner and scale below the smallest eigenvalue of P^-1 A.</summary>
    Gram = 1,

    /// <summary>The same P, by sampled rows: (k** - |L^-1 k*|^2) / scale with L L^T = K_mm + (m/n) Sigma, and never more than k**.</summary>
    SampledRows = 2,
}
