namespace AdaptCluster.Numerics.Adaptation;

/// <summary>What a batch gives for one of its tasks.</summary>
/// <param name="Posterior">What prediction needs.</param>
/// <param name="Report">What the adaptation did and whether it helped.</param>
public sealed record BatchFit(DualPosterior Posterior, AdaptationReport Report);
