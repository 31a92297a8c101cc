using AdaptCluster.Bench.Scale;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>How much a silo carries: many idle tasks, and a task with many rows whose upload is broken off.</summary>
internal static class ScaleScenario
{
    private const int Tasks = 100_000;
    private const int ShortTasks = 1_000;
    private const int Rows = 3_000_000;
    private const int ShortRows = 200_000;

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        if (options.Part == UploadClient.Part)
        {
            return await UploadClient.RunAsync(options, cancellationToken);
        }

        ScenarioReport report = ScenarioReport.Of("scale");
        if (options.Includes("tasks"))
        {
            int tasks = options.Tasks ?? (options.Short ? ShortTasks : Tasks);
            report = Join(report, await ScaleTasks.RunAsync(tasks, options.Store == "embedded", cancellationToken));
        }

        if (options.Includes("upload"))
        {
            int rows = options.Rows ?? (options.Short ? ShortRows : Rows);
            report = Join(report, await ScaleUpload.RunAsync(options, rows, cancellationToken));
        }

        return report;
    }

    private static ScenarioReport Join(ScenarioReport report, ScenarioReport part) =>
        report with { Figures = [.. report.Figures, .. part.Figures], IsBroken = report.IsBroken || part.IsBroken };
}
