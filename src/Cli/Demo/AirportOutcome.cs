namespace AdaptCluster.Cli.Demo;

/// <summary>What the second act found.</summary>
/// <param name="Results">For each number of flights, over all airports that have enough: the table.</param>
/// <param name="Curve">The same over the airports that have enough for the largest number: the figure, whose points are comparable.</param>
/// <param name="Speeds">How fast the airports were adapted.</param>
internal sealed record AirportOutcome(
    IReadOnlyList<AirportResult> Results, IReadOnlyList<AirportResult> Curve, IReadOnlyList<AirportSpeed> Speeds);
