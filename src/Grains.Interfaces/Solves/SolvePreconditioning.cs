namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What the conjugate gradients of a solve are preconditioned with.</summary>
public enum SolvePreconditioning
{
    /// <summary>Nothing: for comparison.</summary>
    None = 0,

    /// <summary>Kernel rows: a partial pivoted Cholesky factor of the kernel.</summary>
    PivotedCholesky = 1,

    /// <summary>Parameter space: the Gram matrix of sampled rows.</summary>
    SampledGram = 2,

    /// <summary>Parameter space with many parameters: the same by the kernel of the sampled rows.</summary>
    SampledRows = 3,
}
