using System.Collections.Concurrent;
using System.Diagnostics;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Processes.Tests.Support;

namespace AdaptCluster.Processes.Tests.Clusters;

/// <summary>
/// Clients that write and predict while something is done to the store, and remember what they were told: every batch that was
/// acknowledged, every error of one that was refused. A refused batch is sent again, whole, as an application does.
/// </summary>
internal sealed class FaultLoad(SourceHandle source)
{
    private const int Writers = 6;
    private const int BatchRows = 4;

    /// <summary>After so many batches a writer begins a new task.</summary>
    private const int BatchesOfATask = 12;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly Rows s_probe = GeneratedSource.Rows(5, seed: 99).Inputs;

    private readonly ConcurrentDictionary<string, int> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Message, long At)> _refused = [];
    private readonly ConcurrentQueue<string> _unexpected = [];
    private readonly long[] _lastOfWriter = new long[Writers];
    private int _predictions;

    /// <summary>What calls were refused with, each as it came; all of the kind that names the store.</summary>
    public IReadOnlyList<string> Refused => [.. _refused.Select(entry => entry.Message)];

    /// <summary>Errors that no call may end with.</summary>
    public IReadOnlyCollection<string> Unexpected => _unexpected;

    /// <summary>Batches.</summary>
    public int Acknowledged => _acknowledged.Values.Sum();

    /// <summary>Predictions of a task that was there before.</summary>
    public int Predictions => Volatile.Read(ref _predictions);

    /// <summary>Writes and predicts until it is told to stop.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll([.. Enumerable.Range(0, Writers).Select(writer => WriteAsync(writer, stop)), PredictAsync(stop)]);

    /// <summary>Returns when every writer was acknowledged a batch that it began to send after now.</summary>
    public async Task UntilAllWriteAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        long from = Stopwatch.GetTimestamp();
        await UntilAsync(() => Enumerable.Range(0, Writers).All(writer => Interlocked.Read(ref _lastOfWriter[writer]) > from), within, cancellationToken);
    }

    /// <summary>Returns when so many calls more were refused.</summary>
    public async Task UntilRefusedAsync(int more, TimeSpan within, CancellationToken cancellationToken)
    {
        int before = _refused.Count;
        await UntilAsync(() => _refused.Count >= before + more, within, cancellationToken);
    }

    /// <summary>Everything that was acknowledged is there, once, and what it says is what the same rows say elsewhere.</summary>
    public async Task VerifyAsync(SourceHandle through)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        foreach ((string name, int batches) in _acknowledged.ToArray().OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            TaskDescription adapted = await through.Task(name).AdaptAsync(token);
            Assert.Equal((TargetTaskStatus.Ready, batches * BatchRows), (adapted.Status, adapted.Observations));
            Prediction actual = await through.Task(name).PredictAsync(s_probe, token);
            TaskHandle twin = through.Task($"twin of {name}");
            await twin.AdaptAsync(RowsOf(name).Slice(0, batches * BatchRows), token);
            Prediction expected = await twin.PredictAsync(s_probe, token);
            Same.Numbers(expected, actual);
            await twin.DeleteAsync(token);
        }
    }

    private static LabelledRows RowsOf(string task) =>
        GeneratedSource.Rows(BatchRows * BatchesOfATask, task.Aggregate(17, (hash, c) => (hash * 31) + c));

    private async Task WriteAsync(int writer, CancellationToken stop)
    {
        for (int number = 0; !stop.IsCancellationRequested; number++)
        {
            string name = $"writer {writer} task {number}";
            LabelledRows rows = RowsOf(name);
            for (int batch = 0; batch < BatchesOfATask && !stop.IsCancellationRequested; batch++)
            {
                if (!await SendAsync(writer, name, rows.Slice(batch * BatchRows, BatchRows), isAdapted: batch % 2 == 0, stop))
                {
                    return;
                }

                _acknowledged.AddOrUpdate(name, 1, (_, count) => count + 1);
            }
        }
    }

    // What a stop finds under way is sent until it is acknowledged, too: only so is it known.
    private async Task<bool> SendAsync(int writer, string name, LabelledRows batch, bool isAdapted, CancellationToken stop)
    {
        TaskHandle task = source.Task(name);
        while (true)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                if (isAdapted)
                {
                    await task.AdaptAsync(batch, CancellationToken.None);
                }
                else
                {
                    await task.ObserveAsync(batch, cancellationToken: CancellationToken.None);
                }

                Interlocked.Exchange(ref _lastOfWriter[writer], began);
                return true;
            }
            catch (StoreException refused)
            {
                _refused.Enqueue((refused.Message, Stopwatch.GetTimestamp()));
                await Task.Delay(s_pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error)
            {
                _unexpected.Enqueue($"{name} after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s: {error}");
                return false;
            }
        }
    }

    private async Task PredictAsync(CancellationToken stop)
    {
        TaskHandle task = source.Task("there before");
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await task.PredictAsync(s_probe, CancellationToken.None);
                Interlocked.Increment(ref _predictions);
            }
            catch (Exception error)
            {
                _unexpected.Enqueue($"predict: {error}");
            }

            await Task.Delay(s_pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task UntilAsync(Func<bool> condition, TimeSpan within, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(_unexpected.IsEmpty, string.Join("\n", _unexpected));
            Assert.True(Stopwatch.GetElapsedTime(started) < within, $"not within {within}; refused last with: {_refused.LastOrDefault().Message}");
            await Task.Delay(s_pause, cancellationToken);
        }
    }
}
