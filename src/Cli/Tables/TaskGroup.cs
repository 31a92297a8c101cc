namespace AdaptCluster.Cli.Tables;

/// <summary>The rows of one task, in file order.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Rows">Rows of the table (not of the file), ascending.</param>
internal sealed record TaskGroup(string Task, int[] Rows)
{
    /// <summary>One element per task, in order of first appearance.</summary>
    /// <param name="taskIds">The task of each row of the table.</param>
    public static IReadOnlyList<TaskGroup> Group(IReadOnlyList<string> taskIds)
    {
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var order = new List<string>();
        for (int row = 0; row < taskIds.Count; row++)
        {
            if (!groups.TryGetValue(taskIds[row], out List<int>? rows))
            {
                groups.Add(taskIds[row], rows = []);
                order.Add(taskIds[row]);
            }

            rows.Add(row);
        }

        return [.. order.Select(task => new TaskGroup(task, [.. groups[task]]))];
    }
}
