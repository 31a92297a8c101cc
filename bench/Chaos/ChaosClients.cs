using System.Collections.Concurrent;
using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Bench.Chaos;

/// <summary>Clients that observe, adapt and predict all the time, and remember what was acknowledged.</summary>
internal sealed class ChaosClients(SourceHandle source)
{
    private const int Live = 16;

    private static readonly TimeSpan s_betweenBatches = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_betweenQuestions = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than any fault and its recovery together: a call that is not acknowledged by then never will be.</summary>
    private static readonly TimeSpan s_stuck = TimeSpan.FromSeconds(90);

    private readonly ConcurrentBag<ChaosTask> _all = [];
    private readonly ConcurrentBag<string> _untyped = [];
    private readonly ChaosTask[] _live = new ChaosTask[Live];
    private int _number;
    private long _asked;
    private long _refused;
    private long _answered;

    /// <summary>What every task is asked.</summary>
    public static Rows Probe { get; } = GeneratedSource.Rows(5, seed: 99).Inputs;

    public IReadOnlyCollection<ChaosTask> All => _all;

    /// <summary>Questions, and answers.</summary>
    public (long Asked, long Answered) Questions => (Interlocked.Read(ref _asked), Interlocked.Read(ref _answered));

    /// <summary>Tries that the cluster refused with an error of its own: they say that trying again may help.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Tries of a batch that ended with any other error: lost on their way, or with nothing that says what to do.</summary>
    public IReadOnlyCollection<string> Untyped => _untyped;

    /// <summary>What no task may do.</summary>
    public ConcurrentBag<string> Stuck { get; } = [];

    /// <summary>Those that are written to now and have answered once.</summary>
    public IReadOnlyList<ChaosTask> Asked => [.. _live.Where(task => task is { LastAnswered: > 0 })];

    /// <summary>Whether every task that is written to now was acknowledged a batch after a moment.</summary>
    public bool HaveWritten(long since) => _live.All(task => task.LastAcknowledged > since);

    /// <summary>Runs until it is told to stop; what was begun then is finished.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Live).Select(slot => WriteAsync(slot, stop)));

    /// <summary>At the end, with everything up: every task must have what was acknowledged, take part, and answer.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(_all, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (task, token) =>
        {
            TaskHandle handle = source.Task(task.Name);
            if (await RepeatAsync(task, "describe", () => handle.DescribeAsync(token), token) is not { } description)
            {
                return;
            }

            task.Compare(description.Observations);
            if (await RepeatAsync(task, "adapt", () => handle.AdaptAsync(token), token) is { } adapted)
            {
                task.VersionAcknowledged(adapted);
                await AskAsync(task, handle, patient: true, token);
            }
        });
    }

    private async Task WriteAsync(int slot, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            int number = Interlocked.Increment(ref _number);
            var task = new ChaosTask($"task {number}", seed: 1_000 + number);
            _all.Add(task);
            _live[slot] = task;
            using var complete = CancellationTokenSource.CreateLinkedTokenSource(stop);
            Task reading = ReadAsync(task, complete.Token);
            while (!stop.IsCancellationRequested && !task.IsComplete && await WriteBatchAsync(task))
            {
                await Task.Delay(s_betweenBatches, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await complete.CancelAsync();
            await reading;
        }
    }

    // By turns in one call, and in two.
    private async Task<bool> WriteBatchAsync(ChaosTask task)
    {
        TaskHandle handle = source.Task(task.Name);
        LabelledRows batch = task.NextBatch;
        if (task.Acknowledged % 2 == 1)
        {
            int held = await RepeatAsync(task, "observe", async () => (int?)await handle.ObserveAsync(batch), CancellationToken.None) ?? -1;
            if (held < 0)
            {
                return false;
            }

            task.BatchAcknowledged(held);
            TaskDescription? then = await RepeatAsync(task, "adapt", () => handle.AdaptAsync(), CancellationToken.None);
            Note(task, then);
            return then is not null;
        }

        TaskDescription? adapted = await RepeatAsync(task, "adapt", () => handle.AdaptAsync(batch), CancellationToken.None);
        if (adapted is not null)
        {
            task.BatchAcknowledged(adapted.Observations);
        }

        Note(task, adapted);
        return adapted is not null;
    }

    private static void Note(ChaosTask task, TaskDescription? description)
    {
        if (description is not null)
        {
            task.VersionAcknowledged(description);
        }
    }

    private async Task ReadAsync(ChaosTask task, CancellationToken stop)
    {
        TaskHandle handle = source.Task(task.Name);
        while (!stop.IsCancellationRequested)
        {
            await AskAsync(task, handle, patient: false, stop);
            await Task.Delay(s_betweenQuestions, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AskAsync(ChaosTask task, TaskHandle handle, bool patient, CancellationToken cancellationToken)
    {
        if (patient)
        {
            if (await RepeatAsync(task, "predict", () => handle.PredictAsync(Probe, cancellationToken), cancellationToken) is { } prediction)
            {
                task.Answered(prediction);
            }

            return;
        }

        try
        {
            long began = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _asked);
            Prediction prediction = await handle.PredictAsync(Probe, CancellationToken.None);
            Interlocked.Increment(ref _answered);
            task.Answered(began, prediction);
        }
        catch (NotFoundException) when (task.LastAnswered == 0)
        {
            // It has no posterior yet: that is an answer, and no question that counts.
            Interlocked.Decrement(ref _asked);
        }
        catch (Exception error) when (IsLoss(error))
        {
            // Not answered.
        }
        catch (AdaptException error)
        {
            Stuck.Add($"{task.Name}: predict: {error.Message}");
        }
    }

    // What a caller does: every call is idempotent, so one that was lost on its way is made again.
    private async Task<T?> RepeatAsync<T>(ChaosTask task, string what, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        string last = string.Empty;
        while (Stopwatch.GetElapsedTime(started) < s_stuck)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (IsLoss(error) && !cancellationToken.IsCancellationRequested)
            {
                last = $"{error.GetType().Name}: {error.Message}";
                Count(error);
                await Task.Delay(s_retry, cancellationToken);
            }
            catch (AdaptException error)
            {
                last = error.Message;
                break;
            }
        }

        Stuck.Add($"{task.Name}: {what}: {last}");
        return default;
    }

    private void Count(Exception error)
    {
        if (error is AdaptException)
        {
            Interlocked.Increment(ref _refused);
        }
        else
        {
            _untyped.Add($"{error.GetType().Name}: {error.Message}");
        }
    }

    private static bool IsLoss(Exception error) =>
        error is OrleansException or TimeoutException or OperationCanceledException or AdaptException { IsRetryable: true };
}
