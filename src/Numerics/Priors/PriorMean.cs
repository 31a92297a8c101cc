namespace AdaptCluster.Numerics.Priors;

/// <summary>What the task's function is before it has data.</summary>
public enum PriorMean
{
    /// <summary>The source network's output.</summary>
    Source,

    /// <summary>Zero in standardised units, i.e. the mean of the source's training targets.</summary>
    Zero,
}
