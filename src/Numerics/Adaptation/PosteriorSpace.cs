namespace AdaptCluster.Numerics.Adaptation;

/// <summary>Which side of the same posterior is computed.</summary>
public enum PosteriorSpace
{
    /// <summary>A Gaussian process over the N observations.</summary>
    Function,

    /// <summary>A Bayesian linear model over the free parameters.</summary>
    Parameter,
}
