using AdaptCluster.Bench.Scale;

namespace AdaptCluster.Bench.Scenarios;

/// <summary>How much a silo carries: many idle tasks, and a task with many rows whose upload is broken off.</summary>
internal static class ScaleScenario
{
    private const int Tasks = 100_000;
    private const int ShortTasks = 2_000;

    public static async Task<ScenarioReport> RunAsync(ScenarioOptions options, CancellationToken cancellationToken)
    {
        bool embedded = options.Store == "embedded";
        return await ScaleTasks.RunAsync(options.Tasks ?? (options.Short ? ShortTasks : Tasks), embedded, cancellationToken);
    }
}
