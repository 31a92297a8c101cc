using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary>Predicts every task's rows, several tasks at a time.</summary>
internal static class TaskPredictions
{
    private const int TasksInFlight = 32;

    /// <returns>One prediction per group, in the order of the groups.</returns>
    /// <exception cref="TableException">The file names a task that does not exist.</exception>
    public static async Task<Prediction[]> RunAsync(
        CommandContext context, SourceHandle source, Table table, IReadOnlyList<TaskGroup> groups, Func<int, Rows> inputs)
    {
        await RequireTasksAsync(context, source, table, groups);
        var predictions = new Prediction[groups.Count];
        int done = 0;
        await ProgressBars.RunAsync(context.Output, $"predicting {groups.Count} tasks", async report =>
        {
            await Parallel.ForAsync(
                0,
                groups.Count,
                new ParallelOptions { MaxDegreeOfParallelism = TasksInFlight, CancellationToken = context.CancellationToken },
                async (index, token) =>
                {
                    predictions[index] = await source.Task(groups[index].Task).PredictAsync(inputs(index), token);
                    int count = Interlocked.Increment(ref done);
                    report((double)count / groups.Count, $"{count} of {groups.Count}");
                });
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
