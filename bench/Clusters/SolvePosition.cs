using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Bench.Clusters;

/// <summary>How far a solve has come.</summary>
/// <param name="Stage">What it does.</param>
/// <param name="Iteration">Its steps so far.</param>
internal sealed record SolvePosition(SolveStage Stage, int Iteration)
{
    /// <summary>A kill does not undo what was answered before it: only steps after the next one were begun after it.</summary>
    private const int Steps = 2;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Where a task's solve is; null if that cannot be said now.</summary>
    public static async Task<SolvePosition?> OfAsync(TaskHandle task, CancellationToken cancellationToken)
    {
        try
        {
            TaskDescription description = await task.DescribeAsync(cancellationToken);
            return description.Status != TargetTaskStatus.Solving ? new SolvePosition(SolveStage.Ended, 0)
                : description.Solve is { } solve ? new SolvePosition(solve.Progress.Stage, solve.Iteration)
                : null;
        }
        catch (Exception error) when (
            !cancellationToken.IsCancellationRequested && error is OrleansException or TimeoutException or OperationCanceledException or AdaptException { IsRetryable: true })
        {
            return null;
        }
    }

    /// <summary>Waits until the task's solve is further than this.</summary>
    public async Task PassedAsync(TaskHandle task, CancellationToken cancellationToken)
    {
        while (!(await OfAsync(task, cancellationToken) is { } now
            && (now.Stage == SolveStage.Ended || now.Iteration >= Iteration + Steps || (now.Stage > Stage && now.Iteration >= Iteration))))
        {
            await Task.Delay(s_poll, cancellationToken);
        }
    }
}
