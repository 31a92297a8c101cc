namespace AdaptCluster.Numerics.Solves;

/// <summary>What conjugate gradients are preconditioned with.</summary>
public enum PreconditionerKind
{
    /// <summary>Nothing: for comparison.</summary>
    None = 0,

    /// <summary>Kernel rows: a partial pivoted Cholesky factor of the kernel plus the noise.</summary>
    PivotedCholesky = 1,

    /// <summary>Parameter space: the Gram matrix of sampled rows, scaled to all rows, with its Cholesky factor, q x q. Of all rows: the system itself.</summary>
    SampledGram = 2,

    /// <summary>Parameter space with many parameters: the same matrix by Woodbury's identity over the sampled rows, m x m.</summary>
    SampledRows = 3,
}
