namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What a coordinator asks of a shard.</summary>
public enum ShardQuestionKind
{
    /// <summary>To make what products need.</summary>
    Begin = 0,

    /// <summary>Its rows of the sample.</summary>
    Sample = 1,

    /// <summary>Some rows of the Gram matrix of its sampled rows.</summary>
    Gram = 2,

    /// <summary>Its part of the product with a block of vectors.</summary>
    Apply = 3,
}
