namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What the shards of a solve hold and what travels.</summary>
public enum SolveSpace
{
    /// <summary>Function space: a shard has rows of the kernel; vectors have a number per observation.</summary>
    KernelRows = 0,

    /// <summary>Parameter space: a shard has the Jacobian factors of its rows; vectors have a number per free parameter.</summary>
    ParameterSpace = 1,
}
