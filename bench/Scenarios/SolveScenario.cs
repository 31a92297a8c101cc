using AdaptCluster.Bench.Solves;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>Iterative solves in this process: many masked targets at once, a very large task, and hard ones.</summary>
internal static class SolveScenario
{
    /// <param name="options">The data, the figure, and whether it is to be short.</param>
    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options)
    {
        FlightsTask? flights = options.Includes("large") || options.Includes("hard")
            ? await FlightsTask.ReadAsync(options.Data ?? Path.Combine(AppContext.BaseDirectory, "samples", "flights.parquet"))
            : null;
        return ScenarioReport.Of(
            "solve",
            [
                .. options.Includes("large") ? LargeTask.Measure(flights!, options.Short ? 60_000 : flights!.Data.Rows) : [],
                .. !options.Includes("panel") ? [] : options.Short ? PanelTask.Measure(inputs: 1_024, targets: 200) : PanelTask.Measure(),
                .. options.Includes("hard") ? await HardTask.MeasureAsync(flights!, options.Figure, options.Short ? 800 : 3_000) : [],
            ]);
    }
}
