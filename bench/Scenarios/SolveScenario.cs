using AdaptCluster.Bench.Solves;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Iterative solves in this process: many masked targets at once, a very large task, and hard ones.</summary>
internal static class SolveScenario
{
    /// <param name="options">The data, the figure, and whether it is to be short.</param>
    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options)
    {
        FlightsTask flights = await FlightsTask.ReadAsync(options.Data ?? Path.Combine(AppContext.BaseDirectory, "samples", "flights.parquet"));
        return ScenarioReport.Of(
            "solve",
            [
                .. LargeTask.Measure(flights, options.Short ? 60_000 : flights.Data.Rows),
                .. options.Short ? PanelTask.Measure(inputs: 1_024, targets: 200) : PanelTask.Measure(),
                .. await HardTask.MeasureAsync(flights, options.Figure, options.Short ? 800 : 3_000),
            ]);
    }
}
