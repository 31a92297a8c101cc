namespace AdaptCluster.Numerics.Solves;

/// <summary>What a coordinator asks of every shard.</summary>
public enum ShardQuestion
{
    /// <summary>
    /// Load what products need. Parameter space: answers D^1/2 J^T Sigma^-1 r over its rows, then r^T Sigma^-1 r and log|Sigma|, fp64.
    /// Kernel rows: answers nothing.
    /// </summary>
    Begin = 0,

    /// <summary>Parameter space: its rows of the seeded sample, inputs and targets row by row, fp64.</summary>
    Sample = 1,

    /// <summary>Parameter space: some rows of the Gram matrix of its sampled rows, columns up to the last of these rows; fp32, or fp64.</summary>
    Gram = 2,

    /// <summary>Its part of the product with a block of vectors.</summary>
    Apply = 3,
}
