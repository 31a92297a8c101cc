namespace AdaptCluster.Numerics.Comparisons;

/// <summary>Where a comparison stands.</summary>
/// <param name="Split">The split under way, from 1.</param>
/// <param name="Splits">How many there are.</param>
/// <param name="Step">What is being done, for a person.</param>
/// <param name="Share">The share of the whole that is done, about, 0 to 1.</param>
public sealed record ComparisonProgress(int Split, int Splits, string Step, double Share);
