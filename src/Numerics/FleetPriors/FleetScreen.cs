namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>
/// Which tasks take no part in a fit. A prior is a statement about all tasks, and the evidence of one task is unbounded in both directions: a task of
/// another kind, or with hardly anything to say, must not move it. Whoever is left out is named.
/// </summary>
internal static class FleetScreen
{
    /// <summary>How much larger than the fleet's median a task's mean squared residual may be before any fit: a hundred times the scale.</summary>
    private const double MostSquares = 1e4;

    /// <summary>
    /// How much larger than the fleet's median the misfit may be under the fitted prior: ten times the scale. Of a normal task with a single observation one
    /// in 10^11 is beyond it, of one with ten fewer than can be said.
    /// </summary>
    private const double MostMisfit = 100;

    /// <summary>A median of fewer says nothing about the others.</summary>
    private const int LeastTasks = 3;

    /// <summary>Before any fit, from each task's own rows.</summary>
    internal static void ByData(IReadOnlyList<FleetTask> tasks)
    {
        foreach (FleetTask task in tasks.Where(task => task.Excluded is null && task.Data.Rows > 1 && IsRepeated(task)))
        {
            task.Excluded = $"its {task.Data.Rows} rows are all the same: one row, said again, looks like a world without noise";
        }
    }

    /// <summary>Before any fit, from how many rows all tasks have.</summary>
    internal static void ByRows(IReadOnlyList<FleetStanding> tasks)
    {
        // One row cannot tell what differs from noise; where no task has more, it is all there is.
        if (tasks.Any(task => task.Excluded is null && task.Rows > 1))
        {
            foreach (FleetStanding task in tasks.Where(task => task.Excluded is null && task.Rows == 1))
            {
                task.Excluded = "it has one row, which cannot tell a difference from noise";
            }
        }
    }

    /// <summary>Before any fit, from the residuals of the prior mean.</summary>
    internal static void BySquares(IReadOnlyList<FleetStanding> tasks)
    {
        FleetStanding[] included = [.. tasks.Where(task => task.Excluded is null)];
        foreach (FleetStanding task in included.Where(task => !double.IsFinite(task.MeanSquares)))
        {
            task.Excluded = "its residuals are not finite";
        }

        double median = Median([.. included.Where(task => task.Excluded is null).Select(task => task.MeanSquares / task.Observations)]);
        foreach (FleetStanding task in included.Where(task => task.Excluded is null && task.MeanSquares / task.Observations > MostSquares * median))
        {
            task.Excluded = $"its mean squared residual is {task.MeanSquares / task.Observations / median:G3} times the fleet's median (more than {MostSquares:G3})";
        }
    }

    /// <summary>At the start of a fit.</summary>
    internal static IReadOnlyList<ExcludedTask> ByEvidence(IReadOnlyList<TaskScore> scores) =>
    [
        .. scores.Where(score => !double.IsFinite(score.LogEvidence))
            .Select(score => new ExcludedTask(score.Task, "its evidence is not a number: its covariance cannot be factorised")),
    ];

    /// <summary>After a fit.</summary>
    internal static IReadOnlyList<ExcludedTask> ByMisfit(IReadOnlyList<TaskScore> scores)
    {
        double median = Median([.. scores.Select(score => score.Misfit)]);
        return
        [
            .. scores.Where(score => score.Misfit > MostMisfit * median)
                .Select(score => new ExcludedTask(
                    score.Task, $"under the fitted prior its squared residual is {score.Misfit / median:G3} times the median task's (more than {MostMisfit:G3})")),
        ];
    }

    private static bool IsRepeated(FleetTask task)
    {
        for (int i = 1; i < task.Data.Rows; i++)
        {
            if (!task.Data.Inputs.Row(i).SequenceEqual(task.Data.Inputs.Row(0)) || !task.Data.Targets.Row(i).SequenceEqual(task.Data.Targets.Row(0)))
            {
                return false;
            }
        }

        return true;
    }

    // Infinite, so that nothing is beyond it, where there are too few, or where most are exactly as the prior mean says.
    private static double Median(double[] values)
    {
        Array.Sort(values);
        double median = values.Length < LeastTasks ? 0 : values[values.Length / 2];
        return median > 0 ? median : double.PositiveInfinity;
    }
}
