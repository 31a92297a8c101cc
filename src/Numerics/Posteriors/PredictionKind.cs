namespace AdaptCluster.Numerics.Posteriors;

/// <summary>How much of the predictive distribution is wanted.</summary>
public enum PredictionKind
{
    /// <summary>The mean only: m p flops, independent of the number of observations.</summary>
    Mean,

    /// <summary>The mean and the variance of every output at every row.</summary>
    Marginal,

    /// <summary>The mean and the covariance between all outputs at all rows, [m c, m c].</summary>
    Joint,
}
