using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Comparisons;

/// <summary>What a comparison found.</summary>
/// <param name="Scores">Per number of points and method, over all test tasks that have rows enough for that number.</param>
/// <param name="Curve">The same over the test tasks that have rows enough for the largest number: comparable from one number to the next.</param>
/// <param name="CandidateWeights">How often each candidate of a choice is the right one, learned from the fleet, mean over splits; empty where nothing chose.</param>
public sealed record ComparisonResult(
    ImmutableArray<ComparisonScore> Scores, ImmutableArray<ComparisonScore> Curve, ImmutableSortedDictionary<string, double> CandidateWeights);
