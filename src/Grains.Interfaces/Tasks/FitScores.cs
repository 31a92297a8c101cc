namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>How well predictions meet observations, in the target's own units.</summary>
/// <param name="MeanSquaredError">Mean squared error.</param>
/// <param name="MeanNegativeLogDensity">Mean negative log density of the observations, noise included.</param>
/// <param name="Coverage95">The share of observations within the central 95% interval.</param>
[GenerateSerializer, Immutable, Alias("adapt.FitScores")]
public sealed record FitScores(
    [property: Id(0)] double MeanSquaredError,
    [property: Id(1)] double MeanNegativeLogDensity,
    [property: Id(2)] double Coverage95);
