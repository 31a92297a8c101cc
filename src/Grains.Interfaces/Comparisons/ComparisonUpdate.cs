namespace AdaptCluster.Grains.Interfaces.Comparisons;

/// <summary>How far a comparison has come.</summary>
/// <param name="Split">The split under way, from 1.</param>
/// <param name="Splits">How many there are.</param>
/// <param name="Step">What is being done, for a person.</param>
/// <param name="Share">The share of the whole that is done, about, 0 to 1.</param>
/// <param name="Result">With the last update.</param>
[GenerateSerializer, Immutable, Alias("adapt.ComparisonUpdate")]
public sealed record ComparisonUpdate(
    [property: Id(0)] int Split,
    [property: Id(1)] int Splits,
    [property: Id(2)] string Step,
    [property: Id(3)] double Share,
    [property: Id(4)] ComparisonReport? Result);
