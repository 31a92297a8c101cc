namespace AdaptCluster.Grains.Interfaces.Sources;

/// <summary>What a number of learned directions was worth for tasks that they were not learned from.</summary>
/// <param name="Rank">How many.</param>
/// <param name="HeldOutLogEvidencePerRow">The log evidence per row of the held-out tasks (standardised units).</param>
[GenerateSerializer, Immutable, Alias("adapt.RankDescription")]
public sealed record RankDescription([property: Id(0)] int Rank, [property: Id(1)] double HeldOutLogEvidencePerRow);
