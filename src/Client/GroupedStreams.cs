using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AdaptCluster.Client;

/// <summary>Bounded numbers of items under way, sent in groups, results as they come.</summary>
internal static class GroupedStreams
{
    /// <summary>
    /// Sends items in groups of those that belong together. The reader's pace is the sender's: no more than <paramref name="window"/> items are taken from the
    /// sequence ahead of the results that were read. A group goes when it is full; while less than half of the window is under way, the fullest goes as it is,
    /// so that nobody waits for a group to fill.
    /// </summary>
    /// <param name="items">The items; consumed as fast as results are read.</param>
    /// <param name="window">The most items under way.</param>
    /// <param name="groupSize">The most items of a group.</param>
    /// <param name="groupOf">Which items belong together.</param>
    /// <param name="send">Gives the results of a group.</param>
    /// <param name="cancellationToken">Ends the sequence; what is under way ends before it is let go.</param>
    public static async IAsyncEnumerable<TResult> RunAsync<TItem, TResult>(
        IEnumerable<TItem> items,
        int window,
        int groupSize,
        Func<TItem, int> groupOf,
        Func<int, IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> send,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var groups = new Dictionary<int, List<TItem>>();
        var ended = Channel.CreateUnbounded<(Task<IReadOnlyList<TResult>> Results, int Count)>();
        var underWay = new HashSet<Task>();
        int waiting = 0;
        int sent = 0;
        using IEnumerator<TItem> source = items.GetEnumerator();
        bool hasMore = true;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (hasMore && waiting + sent < window && (hasMore = source.MoveNext()))
                {
                    Add(source.Current);
                }

                while (waiting > 0 && (!hasMore || sent < (window + 1) / 2))
                {
                    Send(groups.MaxBy(group => group.Value.Count).Key);
                }

                if (sent == 0)
                {
                    yield break;
                }

                (Task<IReadOnlyList<TResult>> results, int count) = await ended.Reader.ReadAsync(cancellationToken);
                underWay.Remove(results);
                sent -= count;
                foreach (TResult result in await results)
                {
                    yield return result;
                }
            }
        }
        finally
        {
            // The reader left early or failed: what is under way ends before the sequence is let go.
            await stop.CancelAsync();
            await Task.WhenAll(underWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        void Add(TItem item)
        {
            int key = groupOf(item);
            if (!groups.TryGetValue(key, out List<TItem>? group))
            {
                groups.Add(key, group = []);
            }

            group.Add(item);
            waiting++;
            if (group.Count == groupSize)
            {
                Send(key);
            }
        }

        void Send(int key)
        {
            groups.Remove(key, out List<TItem>? group);
            waiting -= group!.Count;
            sent += group.Count;
            Task<IReadOnlyList<TResult>> results = Task.Run(() => send(key, group, stop.Token), CancellationToken.None);
            underWay.Add(results);
            _ = results.ContinueWith(
                done => ended.Writer.TryWrite((done, group.Count)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
