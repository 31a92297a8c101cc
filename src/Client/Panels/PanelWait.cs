using System.Diagnostics;
using System.Runtime.CompilerServices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Panels;

namespace AdaptCluster.Client.Panels;

/// <summary>Waits for a panel that is solved in the background. Every call is idempotent, so what was lost on the way is asked again.</summary>
internal static class PanelWait
{
    /// <summary>As the cluster counts them.</summary>
    private const int MaxAttempts = 3;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>A silo that died is replaced within seconds; a cluster that is gone for longer is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static async Task<PanelDescription> AdaptAsync(
        IPanelGrain grain, string name, IProgress<PanelProgress>? progress, CancellationToken cancellationToken)
    {
        PanelDescription panel = await grain.AdaptAsync(cancellationToken);
        while (true)
        {
            switch (panel.Status)
            {
                case PanelStatus.Solving:
                    await foreach (PanelProgress update in WatchAsync(grain, cancellationToken))
                    {
                        progress?.Report(update);
                    }

                    panel = await PatientlyAsync(() => grain.DescribeAsync(cancellationToken), cancellationToken);
                    break;
                case PanelStatus.Stale:
                    // The silo that solved it is gone: the next attempt is counted before it begins.
                    panel = await PatientlyAsync(() => grain.AdaptAsync(cancellationToken), cancellationToken);
                    break;
                case PanelStatus.Failed:
                    throw new AdaptationFailedException(panel.Failure ?? $"panel '{name}' could not be adapted.");
                case PanelStatus.Quarantined:
                    throw new QuarantinedException(name, MaxAttempts, "panel");
                default:
                    return panel;
            }
        }
    }

    /// <summary>Ends when nothing is being solved; a stream that was lost is opened again.</summary>
    public static async IAsyncEnumerable<PanelProgress> WatchAsync(IPanelGrain grain, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PanelProgress? last = null;
        while (last is not { Phase: PanelPhase.Idle })
        {
            // An answer first: it waits for the cluster where the stream would only break.
            await PatientlyAsync(() => grain.DescribeAsync(cancellationToken), cancellationToken);
            await using IAsyncEnumerator<PanelProgress> updates = grain.WatchAsync(cancellationToken).WithBatchSize(1).GetAsyncEnumerator(cancellationToken);
            while (await MovesAsync(updates, cancellationToken))
            {
                last = updates.Current;
                yield return last;
            }
        }
    }

    private static async Task<bool> MovesAsync(IAsyncEnumerator<PanelProgress> updates, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && IsLoss(error))
        {
            return false;
        }
    }

    private static async Task<T> PatientlyAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (
                !cancellationToken.IsCancellationRequested && IsLoss(error) && Stopwatch.GetElapsedTime(started) < s_patience)
            {
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }

    private static bool IsLoss(Exception error) =>
        error is OrleansException or TimeoutException or EnumerationAbortedException or OperationCanceledException or AdaptException { IsRetryable: true };
}
