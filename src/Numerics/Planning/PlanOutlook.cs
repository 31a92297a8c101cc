using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Planning;

/// <summary>What the planner considered, whether or not anything fits.</summary>
/// <param name="Candidates">By predicted time, what cannot be done last.</param>
/// <param name="Chosen">The one to use; null where nothing fits.</param>
/// <param name="Why">In a sentence.</param>
public sealed record PlanOutlook(ImmutableArray<PlanCandidate> Candidates, PlanCandidate? Chosen, string Why);
