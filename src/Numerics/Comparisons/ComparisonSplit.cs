using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Comparisons;

/// <summary>One random division: tasks to learn from, tasks to test on, and the order in which a test task's rows are seen.</summary>
/// <param name="Training">Indices of the training tasks.</param>
/// <param name="Tests">Indices of the test tasks that have rows enough for the smallest number of points.</param>
/// <param name="Fleet">The training tasks' rows, cut to the size of new tasks.</param>
internal sealed record ComparisonSplit(int[] Training, int[] Tests, IReadOnlyList<TaskData> Fleet)
{
    /// <exception cref="ArgumentException">No task is left to learn from, or none to test on; the message says what to do.</exception>
    internal static ComparisonSplit Of(IReadOnlyList<TaskData> tasks, ComparisonOptions options, int number)
    {
        var random = new SeededRandom(options.Seed, number);
        int[] order = random.Permutation(tasks.Count);
        int count = Math.Clamp((int)Math.Round(options.TrainShare * tasks.Count), 1, Math.Max(1, tasks.Count - 1));
        int[] training = order[..count];
        int[] tests = [.. order[count..].Where(t => tasks[t].Rows >= options.Points[0] + options.MinTestRows)];
        Array.Sort(training);
        Array.Sort(tests);
        if (tests.Length < 2)
        {
            throw new ArgumentException(
                $"Of {tasks.Count} tasks only {tests.Length} that are not learned from have {options.Points[0]} rows to see and {options.MinTestRows} to score: give more tasks, fewer points or a smaller share to learn from.");
        }

        return new ComparisonSplit(training, tests, [.. training.SelectMany(t => Pieces(tasks[t], options, t))]);
    }

    /// <summary>A test task's rows in the order in which they are seen; those scored come last, the same for every number of points.</summary>
    internal static (TaskData Seen, TaskData Scored) Rows(TaskData task, ComparisonOptions options, int index, int points)
    {
        int[] order = new SeededRandom(options.Seed + 1, index).Permutation(task.Rows);
        int largest = options.Points.Last(k => task.Rows >= k + options.MinTestRows);
        int scored = Math.Min(options.MaxTestRows, task.Rows - largest);
        return (task.SelectRows(order.AsSpan(0, points)), task.SelectRows(order.AsSpan(order.Length - scored)));
    }

    private static IEnumerable<TaskData> Pieces(TaskData task, ComparisonOptions options, int index)
    {
        if (task.Rows <= options.FleetRows)
        {
            return [task];
        }

        int[] order = new SeededRandom(options.Seed + 2, index).Permutation(task.Rows);
        return order.Chunk(options.FleetRows).Where(rows => rows.Length == options.FleetRows).Take(options.FleetPieces).Select(rows => task.SelectRows(rows));
    }
}
