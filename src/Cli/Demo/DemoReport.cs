namespace AdaptCluster.Cli.Demo;

/// <summary>Everything the demo measured: the content of report.json. Names become camel case there.</summary>
internal sealed record DemoReport
{
    public required int Seed { get; init; }

    public required int Processors { get; init; }

    public required SinusoidScore Sinusoids { get; init; }

    public required IReadOnlyList<AirportResult> Airports { get; init; }

    /// <summary>The same over the airports that have flights enough for every number: what the figure shows.</summary>
    public required IReadOnlyList<AirportResult> AirportCurve { get; init; }

    public required IReadOnlyList<AirportSpeed> AirportAdaptations { get; init; }

    /// <summary>Wall-clock seconds by step, and in total.</summary>
    public required IReadOnlyDictionary<string, double> Seconds { get; init; }
}
