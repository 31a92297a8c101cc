using System.Diagnostics;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Client.Sources;

/// <summary>Waits for the fit of a prior. The call is idempotent by the fit's name, so what was lost on the way is asked again.</summary>
internal static class PriorFitWait
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    /// <summary>A source says something every two seconds, and listens for six to a fit whose silo may be gone.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(15);

    /// <summary>A silo that died is replaced within seconds; a cluster that is gone for longer is.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Who has not heard anything yet need not wait so long to be told that there is nobody.</summary>
    private static readonly TimeSpan s_firstPatience = TimeSpan.FromSeconds(10);

    /// <summary>Freeing takes at most two seconds; who does not answer then is out of reach.</summary>
    private static readonly TimeSpan s_cancelPatience = TimeSpan.FromSeconds(5);

    public static async Task<PriorDescription> RunAsync(
        ISourceTaskGrain source, PriorFitRequest request, IProgress<PriorFitUpdate>? progress, CancellationToken cancellationToken)
    {
        long heard = Stopwatch.GetTimestamp();
        TimeSpan patience = s_firstPatience;
        while (true)
        {
            try
            {
                if (await ListenAsync(source, request, Report, cancellationToken) is { } prior)
                {
                    return prior;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await CancelAsync(source, request.Fit);
                throw;
            }
            catch (Exception error) when (IsLoss(error) && Stopwatch.GetElapsedTime(heard) < patience)
            {
                // Asked again below.
            }

            await Task.Delay(s_pause, cancellationToken);
        }

        void Report(PriorFitUpdate update)
        {
            heard = Stopwatch.GetTimestamp();
            patience = s_patience;
            progress?.Report(update);
        }
    }

    private static async Task<PriorDescription?> ListenAsync(
        ISourceTaskGrain source, PriorFitRequest request, Action<PriorFitUpdate> report, CancellationToken cancellationToken)
    {
        IAsyncEnumerator<PriorFitUpdate> updates = source.FitPriorAsync(request, cancellationToken).WithBatchSize(1).GetAsyncEnumerator(cancellationToken);
        PriorDescription? prior = null;
        try
        {
            while (await updates.MoveNextAsync().AsTask().WaitAsync(s_silence, cancellationToken))
            {
                report(updates.Current);
                prior = updates.Current.Prior ?? prior;
            }

            return prior;
        }
        finally
        {
            // Without waiting: who listened to a silo that died would wait for its answer as long as the connection allows.
            updates.DisposeAsync().AsTask().Ignore();
        }
    }

    private static async Task CancelAsync(ISourceTaskGrain source, Guid fit)
    {
        try
        {
            await source.CancelPriorFitAsync(fit, CancellationToken.None).WaitAsync(s_cancelPatience);
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or AdaptException)
        {
            // Whoever cancelled wants to leave: a fit that could not be told goes on, and can be cancelled by its source's name.
        }
    }

    private static bool IsLoss(Exception error) =>
        error is OrleansException or TimeoutException or EnumerationAbortedException or OperationCanceledException or AdaptException { IsRetryable: true };
}
