namespace AdaptCluster.Cli.Demo.Digits;

/// <summary>Everything the experiment measured: the content of digits.json. Names become camel case there.</summary>
/// <param name="Seed">What everything random was seeded with.</param>
/// <param name="Parameters">Of the network.</param>
/// <param name="ParametersOfLastLayer">Of its last layer.</param>
/// <param name="Results">The table.</param>
/// <param name="Seconds">Wall-clock seconds by step, and in total.</param>
internal sealed record DigitReport(
    int Seed, int Parameters, int ParametersOfLastLayer, IReadOnlyList<DigitResult> Results, IReadOnlyDictionary<string, double> Seconds);
