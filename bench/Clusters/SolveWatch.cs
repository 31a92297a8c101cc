using System.Diagnostics;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Bench.Clusters;

/// <summary>Looks on how a task is solved, from now until it has ended, and knows the longest time in which it came no further.</summary>
internal static class SolveWatch
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    /// <summary>What was computed before and is computed again is no progress.</summary>
    public static async Task<TimeSpan> LongestPauseAsync(TaskHandle task, CancellationToken cancellationToken)
    {
        (int Iteration, SolveStage Stage) furthest = (-1, SolveStage.Waiting);
        long since = Stopwatch.GetTimestamp();
        TimeSpan longest = TimeSpan.Zero;
        while (furthest.Stage != SolveStage.Ended)
        {
            if (await PositionAsync(task, cancellationToken) is { } now && now.CompareTo(furthest) > 0)
            {
                TimeSpan pause = Stopwatch.GetElapsedTime(since);
                longest = pause > longest ? pause : longest;
                since = Stopwatch.GetTimestamp();
                furthest = now;
            }

            await Task.Delay(s_poll, cancellationToken);
        }

        return longest;
    }

    // Null: that cannot be said now.
    private static async Task<(int Iteration, SolveStage Stage)?> PositionAsync(TaskHandle task, CancellationToken cancellationToken)
    {
        try
        {
            TaskDescription description = await task.DescribeAsync(cancellationToken);
            return description.Status != TargetTaskStatus.Solving ? (int.MaxValue, SolveStage.Ended)
                : description.Solve is { } solve ? (solve.Iteration, solve.Progress.Stage)
                : null;
        }
        catch (Exception error) when (
            !cancellationToken.IsCancellationRequested && error is OrleansException or TimeoutException or OperationCanceledException or AdaptException { IsRetryable: true })
        {
            return null;
        }
    }
}
