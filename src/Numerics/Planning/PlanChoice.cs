using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Planning;

/// <summary>What the planner considered and chose.</summary>
/// <param name="Candidates">Everything that was considered, the chosen one among them; by predicted time, what cannot be done last.</param>
/// <param name="Chosen">The one to use.</param>
/// <param name="Why">In a sentence.</param>
public sealed record PlanChoice(ImmutableArray<PlanCandidate> Candidates, PlanCandidate Chosen, string Why);
