namespace AdaptCluster.Numerics.Solves;

/// <summary>What shards hold and what travels.</summary>
public enum SolveLayout
{
    /// <summary>Function space: a shard has some rows of the kernel, K[R, :]; vectors have N numbers, partial products are concatenated.</summary>
    KernelRows = 0,

    /// <summary>Parameter space: a shard has the Jacobian factors of its rows; vectors have q numbers, partial products are summed in shard order.</summary>
    ParameterSpace = 1,
}
