using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary>Predicts every task's rows, many tasks in a message.</summary>
internal static class TaskPredictions
{
    /// <returns>One prediction per group, in the order of the groups.</returns>
    /// <exception cref="TableException">The file names a task that does not exist.</exception>
    public static async Task<Prediction[]> RunAsync(
        CommandContext context, SourceHandle source, Table table, IReadOnlyList<TaskGroup> groups, Func<int, Rows> inputs)
    {
        await RequireTasksAsync(context, source, table, groups);
        var predictions = new Prediction[groups.Count];
        Dictionary<string, int> indexOf = groups.Select((group, index) => (group.Task, index)).ToDictionary(pair => pair.Task, pair => pair.index, StringComparer.Ordinal);
        int done = 0;
        await ProgressBars.RunAsync(context.Output, $"predicting {groups.Count} tasks", async report =>
        {
            IEnumerable<TaskInputs> tasks = groups.Select((group, index) => new TaskInputs(group.Task, inputs(index)));
            await foreach (PredictionOutcome outcome in source.PredictManyAsync(tasks, cancellationToken: context.CancellationToken))
            {
                predictions[indexOf[outcome.Task]] = outcome.Prediction ?? throw outcome.Error!;
                done++;
                report((double)done / groups.Count, $"{done} of {groups.Count}");
            }

            return predictions;
        });
        return predictions;
    }

    private static async Task RequireTasksAsync(
        CommandContext context, SourceHandle source, Table table, IReadOnlyList<TaskGroup> groups)
    {
        HashSet<string> known = [.. await source.ListTaskNamesAsync(context.CancellationToken)];
        if (groups.FirstOrDefault(group => !known.Contains(group.Task)) is { } unknown)
        {
            throw new TableException(
                table.Source,
                $"source '{source.Key.Source}' has no task '{unknown.Task}'",
                "adapt it first with 'adapt tasks adapt', or remove its rows",
                table.Place(unknown.Rows[0]));
        }
    }
}
