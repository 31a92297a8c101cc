using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Client.Tasks;

/// <summary>Waits for tasks that are solved in the background. Every call is idempotent, so what was lost on the way is asked again.</summary>
internal static class TaskWait
{
    /// <summary>As the cluster counts them.</summary>
    private const int MaxAttempts = 3;

    private const int LooksBeforeBeginning = 8;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Who died does not say so, and the connection's own timeout is long: what says nothing for this time is asked again.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(5);

    /// <summary>A silo that died is replaced within seconds; a cluster that is gone for longer is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static async Task<TaskDescription> AdaptAsync(
        IGrainFactory grains, TaskKey key, ObservationBatch? batch, AdaptOptions? options, CancellationToken cancellationToken)
    {
        ITargetTaskGrain grain = grains.GetGrain<ITargetTaskGrain>(key.ToString());
        TaskDescription task = await FirstAsync(() => grain.AdaptAsync(batch, options, cancellationToken), cancellationToken);
        int mine = task.Observations;
        int version = VersionOf(task);
        while (true)
        {
            switch (task.Status)
            {
                case TargetTaskStatus.Ready:
                case TargetTaskStatus.Stale when task.Posterior?.Observations >= mine:
                    return task;
                case TargetTaskStatus.Failed:
                    throw new AdaptationFailedException(task.Failure ?? $"task '{key.Task}' could not be adapted.");
                case TargetTaskStatus.Quarantined:
                    throw new QuarantinedException(key.Task, MaxAttempts);
                case TargetTaskStatus.Solving:
                    task = await NextAsync(grains, grain, options, cancellationToken);
                    break;
                case TargetTaskStatus.Stale when VersionOf(task) > version:
                    // A solve has ended that was begun before the rows of this call were there.
                    version = VersionOf(task);
                    task = await PatientlyAsync(() => grain.AdaptAsync(null, options, cancellationToken), cancellationToken);
                    break;
                default:
                    throw new AdaptationFailedException($"the solve of task '{key.Task}' was cancelled; adapt it again.");
            }
        }
    }

    public static async IAsyncEnumerable<SolveProgressMessage> WatchAsync(
        IGrainFactory grains, TaskKey key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ITargetTaskGrain grain = grains.GetGrain<ITargetTaskGrain>(key.ToString());
        while (true)
        {
            TaskDescription task = await DescribeAsync(grain, cancellationToken);
            if (task.Status != TargetTaskStatus.Solving)
            {
                yield break;
            }

            if (task.Solve is null)
            {
                await Task.Delay(s_pause, cancellationToken);
                continue;
            }

            IAsyncEnumerator<SolveProgressMessage> updates = Updates(grains, task.Solve.Key, cancellationToken);
            try
            {
                while (await MovesAsync(updates, cancellationToken))
                {
                    yield return updates.Current;
                }
            }
            finally
            {
                Leave(updates);
            }
        }
    }

    /// <summary>Makes a call again, which must be harmless, until it is answered or for too long was not.</summary>
    public static async Task<T> PatientlyAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (
                !cancellationToken.IsCancellationRequested && IsLoss(error) && System.Diagnostics.Stopwatch.GetElapsedTime(started) < s_patience)
            {
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }

    // Waits for the end of the solve, or of the connection to who computes it, and asks where the task stands.
    private static async Task<TaskDescription> NextAsync(
        IGrainFactory grains, ITargetTaskGrain grain, AdaptOptions? options, CancellationToken cancellationToken)
    {
        TaskDescription task = await DescribeAsync(grain, cancellationToken);
        if (task.Status != TargetTaskStatus.Solving)
        {
            return task;
        }

        if (task.Solve is null)
        {
            return await BeginAgainAsync(grain, options, cancellationToken);
        }

        bool moved = false;
        IAsyncEnumerator<SolveProgressMessage> updates = Updates(grains, task.Solve.Key, cancellationToken);
        try
        {
            while (await MovesAsync(updates, cancellationToken))
            {
                moved = true;
            }
        }
        finally
        {
            Leave(updates);
        }

        if (!moved)
        {
            await Task.Delay(s_pause, cancellationToken);
        }

        return await DescribeAsync(grain, cancellationToken);
    }

    // Its coordinator does not know of it, or does not answer. Beginning it again is harmless where it is lost, and wrong where somebody is just cancelling it: so not at once.
    private static async Task<TaskDescription> BeginAgainAsync(ITargetTaskGrain grain, AdaptOptions? options, CancellationToken cancellationToken)
    {
        for (int look = 0; look < LooksBeforeBeginning; look++)
        {
            await Task.Delay(s_pause, cancellationToken);
            TaskDescription task = await DescribeAsync(grain, cancellationToken);
            if (task.Status != TargetTaskStatus.Solving || task.Solve is not null)
            {
                return task;
            }
        }

        return await PatientlyAsync(() => grain.AdaptAsync(null, options, cancellationToken), cancellationToken);
    }

    // A large direct solve may take longer than a call: asked again, the task waits for it or has it. Any other loss is said at once.
    private static async Task<TaskDescription> FirstAsync(Func<Task<TaskDescription>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception error) when (error is TimeoutException or CallLostException { IsTimeout: true })
        {
            return await PatientlyAsync(call, cancellationToken);
        }
    }

    private static IAsyncEnumerator<SolveProgressMessage> Updates(IGrainFactory grains, string solve, CancellationToken cancellationToken) =>
        grains.GetGrain<ISolveCoordinatorGrain>(solve).WatchAsync(cancellationToken).WithBatchSize(1).GetAsyncEnumerator(cancellationToken);

    // Without waiting: who watched a silo that died would wait for its answer as long as the connection allows.
    private static void Leave(IAsyncEnumerator<SolveProgressMessage> updates) => updates.DisposeAsync().AsTask().Ignore();

    // False at the end, and where nothing is heard: then the task says more.
    private static async Task<bool> MovesAsync(IAsyncEnumerator<SolveProgressMessage> updates, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync().AsTask().WaitAsync(s_silence, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && IsLoss(error))
        {
            return false;
        }
    }

    private static Task<TaskDescription> DescribeAsync(ITargetTaskGrain grain, CancellationToken cancellationToken) =>
        PatientlyAsync(() => grain.DescribeAsync(cancellationToken).WaitAsync(s_silence, cancellationToken), cancellationToken);

    private static int VersionOf(TaskDescription task) => task.Posterior?.Version ?? 0;

    private static bool IsLoss(Exception error) =>
        error is OrleansException or TimeoutException or EnumerationAbortedException or OperationCanceledException or AdaptException { IsRetryable: true };
}
