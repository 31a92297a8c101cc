namespace AdaptCluster.Grains.Interfaces.Comparisons;

/// <summary>A candidate of a choice and a share of the tasks.</summary>
/// <param name="Candidate">Its name; "none" is to abstain.</param>
/// <param name="Share">0 to 1.</param>
[GenerateSerializer, Immutable, Alias("adapt.CandidateShare")]
public sealed record CandidateShare([property: Id(0)] string Candidate, [property: Id(1)] double Share);
