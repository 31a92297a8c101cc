namespace AdaptCluster.Grains.Interfaces.Comparisons;

/// <summary>A mean with its standard error over test tasks.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Of the mean.</param>
[GenerateSerializer, Immutable, Alias("adapt.ScoreEstimate")]
public sealed record ScoreEstimate([property: Id(0)] double Mean, [property: Id(1)] double StandardError);
