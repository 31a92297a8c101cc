using AdaptCluster.Bench.Solves;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Iterative solves in this process: many masked targets at once, a very large task, and hard ones.</summary>
internal static class SolveScenario
{
    /// <param name="options">--data FILE: the flights (default: the sample that comes along); --figure FILE: writes iterations over noise as PNG.</param>
    public static async Task<ScenarioReport> RunAsync(BenchOptions options)
    {
        FlightsTask flights = await FlightsTask.ReadAsync(options.Find("--data") ?? Path.Combine(AppContext.BaseDirectory, "samples", "flights.parquet"));
        return ScenarioReport.Of(
            "solve",
            [.. LargeTask.Measure(flights), .. PanelTask.Measure(), .. await HardTask.MeasureAsync(flights, options.Find("--figure"))]);
    }
}
