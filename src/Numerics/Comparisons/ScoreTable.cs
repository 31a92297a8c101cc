using System.Collections.Immutable;
using AdaptCluster.Numerics.Baselines;

namespace AdaptCluster.Numerics.Comparisons;

/// <summary>From the scores of single tasks to those of methods.</summary>
internal static class ScoreTable
{
    /// <summary>One score per number of points and method, in the order of points and of <see cref="MethodNames.All"/>.</summary>
    internal static ImmutableArray<ComparisonScore> Of(IEnumerable<TaskScore> scores) =>
    [
        .. scores.GroupBy(s => s.Points).OrderBy(g => g.Key).SelectMany(points =>
        {
            var reference = points.Where(s => s.Method == MethodNames.Adapted).ToDictionary(s => (s.Split, s.Task));
            return points.GroupBy(s => s.Method).OrderBy(g => MethodNames.All.IndexOf(g.Key)).Select(g => Of([.. g], reference));
        }),
    ];

    private static ComparisonScore Of(TaskScore[] scores, Dictionary<(int Split, int Task), TaskScore> reference)
    {
        TaskScore[][] splits = [.. scores.GroupBy(s => s.Split).OrderBy(g => g.Key).Select(g => g.OrderBy(s => s.Task).ToArray())];
        Estimate Mean(Func<TaskScore, double> value) => Estimate.OverSplits([.. splits.Select(tasks => Estimate.Of([.. tasks.Select(value)]))]);
        TaskScore Adapted(TaskScore s) => reference[(s.Split, s.Task)];
        bool chooses = scores.Any(s => s.Choice is not null);
        return new ComparisonScore
        {
            Points = scores[0].Points,
            Method = scores[0].Method,
            Tasks = splits.Average(tasks => tasks.Length),
            MeanSquaredError = Mean(s => s.MeanSquaredError),
            NegativeLogDensity = Mean(s => s.MeanNegativeLogDensity),
            Coverage95 = Mean(s => s.Coverage95),
            MeanSquaredErrorOverAdapted = reference.Count == 0 ? null : Mean(s => s.MeanSquaredError - Adapted(s).MeanSquaredError),
            NegativeLogDensityOverAdapted = reference.Count == 0 ? null : Mean(s => s.MeanNegativeLogDensity - Adapted(s).MeanNegativeLogDensity),
            SecondsPerTask = scores.Average(s => s.Seconds),
            Failures = scores.Count(s => s.Failed),
            Choices = chooses
                ? scores.GroupBy(s => s.Choice ?? string.Empty).ToImmutableSortedDictionary(g => g.Key, g => (double)g.Count() / scores.Length, StringComparer.Ordinal)
                : null,
        };
    }
}
