using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AdaptCluster.Client;

/// <summary>Bounded concurrency over a sequence, results as they come.</summary>
internal static class Streams
{
    public static async IAsyncEnumerable<TResult> ForEachAsync<TItem, TResult>(
        IEnumerable<TItem> items,
        int concurrency,
        Func<TItem, CancellationToken, Task<TResult>> operation,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var results = Channel.CreateBounded<TResult>(new BoundedChannelOptions(concurrency) { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task pump = PumpAsync();
        try
        {
            await foreach (TResult result in results.Reader.ReadAllAsync(cancellationToken))
            {
                yield return result;
            }

            await pump;
        }
        finally
        {
            // The reader left early or failed: what is under way ends before the sequence is let go.
            await stop.CancelAsync();
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task PumpAsync()
        {
            Exception? failure = null;
            try
            {
                await Parallel.ForEachAsync(
                    items,
                    new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = stop.Token },
                    async (item, token) => await results.Writer.WriteAsync(await operation(item, token), token));
            }
            catch (Exception error)
            {
                failure = error;
                throw;
            }
            finally
            {
                results.Writer.Complete(failure);
            }
        }
    }
}
