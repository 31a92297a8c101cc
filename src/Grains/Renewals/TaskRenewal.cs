using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Grains.Renewals;

/// <summary>Has one task adapted to a new prior, and waits for that.</summary>
internal sealed class TaskRenewal(IGrainFactory grains, TimeProvider clock)
{
    /// <summary>So often a task is asked that did not answer, or said that it may succeed later: then it is left to its own next adaptation.</summary>
    private const int MostTries = 30;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public async Task<RenewalOutcome> RunAsync(SourceKey source, string name, int priorVersion, CancellationToken cancellationToken)
    {
        ITargetTaskGrain grain = grains.GetGrain<ITargetTaskGrain>(new TaskKey(source.Tenant, source.Source, name).ToString());
        string reason = string.Empty;
        for (int tries = 0; tries < MostTries;)
        {
            try
            {
                TaskDescription task = await grain.RenewAsync(priorVersion, CancellationToken.None).WaitAsync(cancellationToken);
                if (task.Status != TargetTaskStatus.Solving)
                {
                    return Outcome(name, task, priorVersion);
                }

                // An iterative solve: it takes as long as it takes.
                tries = 0;
            }
            catch (NotFoundException)
            {
                return new RenewalOutcome(name, RenewalKind.None);
            }
            catch (AdaptException error) when (!error.IsRetryable)
            {
                return new RenewalOutcome(name, RenewalKind.Failed, error.Message);
            }
            catch (Exception error) when (error is AdaptException or OrleansException or TimeoutException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Its silo may be gone, or its device busy. Who ends with its silo three times is quarantined by itself.
                reason = error.Message;
                tries++;
            }

            await Task.Delay(s_pause, clock, cancellationToken);
        }

        return new RenewalOutcome(name, RenewalKind.Failed, $"it did not answer {MostTries} times: {reason.Split('\n')[0]}");
    }

    private static RenewalOutcome Outcome(string name, TaskDescription task, int priorVersion) =>
        task.Posterior is not { } posterior ? new RenewalOutcome(name, RenewalKind.None)
        : posterior.PriorVersion >= priorVersion ? new RenewalOutcome(name, RenewalKind.Renewed)
        : task.Status is TargetTaskStatus.Failed or TargetTaskStatus.Quarantined
            ? new RenewalOutcome(name, RenewalKind.Failed, task.Failure ?? "earlier attempts ended with the silo")
        : new RenewalOutcome(name, RenewalKind.Waiting);
}
