using AdaptCluster.Numerics.Adaptation;

namespace AdaptCluster.Numerics.Solves;

/// <summary>What a task's solve gave.</summary>
/// <param name="Statistics">How it ended.</param>
/// <param name="Posterior">What predictions need; null unless it converged.</param>
/// <param name="Report">What the adaptation did; null unless it converged. Its scores are those of the plan's scored rows.</param>
public sealed record SolveResult(SolveStatistics Statistics, SolvedPosterior? Posterior, AdaptationReport? Report);
