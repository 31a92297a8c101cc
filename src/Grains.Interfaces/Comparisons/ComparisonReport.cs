using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Comparisons;

/// <summary>What a comparison found.</summary>
/// <param name="Scores">Per number of rows seen and method, over all test tasks that have rows enough for that number.</param>
/// <param name="Curve">The same over the test tasks that have rows enough for the largest number: comparable from one number to the next.</param>
/// <param name="CandidateWeights">How often each candidate of a choice is the right one, learned from the fleet; empty where nothing chose.</param>
[GenerateSerializer, Immutable, Alias("adapt.ComparisonReport")]
public sealed record ComparisonReport(
    [property: Id(0)] ImmutableArray<MethodScore> Scores,
    [property: Id(1)] ImmutableArray<MethodScore> Curve,
    [property: Id(2)] ImmutableArray<CandidateShare> CandidateWeights);
