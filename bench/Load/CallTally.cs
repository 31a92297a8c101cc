using System.Collections.Concurrent;
using System.Diagnostics;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Bench.Load;

/// <summary>How calls ended, and when. Thread-safe.</summary>
internal sealed class CallTally
{
    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly ConcurrentDictionary<string, int> _errors = new(StringComparer.Ordinal);
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Calls that were answered.</summary>
    public int Answered => _calls.Count(call => call.IsAnswered);

    /// <summary>Calls that were refused as <see cref="BusyException"/> with a time to try again.</summary>
    public int Refused => _calls.Count - Answered - Failed;

    /// <summary>Calls that ended otherwise.</summary>
    public int Failed => _errors.Values.Sum();

    /// <summary>What those were.</summary>
    public string Errors => string.Join("; ", _errors.Take(3).Select(error => $"{error.Value} x {error.Key}"));

    /// <summary>Seconds since this was made.</summary>
    public double Now => Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Makes a call and notes how it ends.</summary>
    public async Task MakeAsync(Func<Task> call)
    {
        double begun = Now;
        bool isAnswered = false;
        try
        {
            await call();
            isAnswered = true;
        }
        catch (BusyException busy) when (busy.RetryAfter > TimeSpan.Zero)
        {
            // What overload should look like.
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _errors.AddOrUpdate($"{error.GetType().Name}: {error.Message}", 1, (_, count) => count + 1);
        }

        _calls.Enqueue(new Call(begun, Now, isAnswered));
    }

    /// <summary>Answered calls that ended in a part of the time, per second.</summary>
    public double AnsweredPerSecond(double from, double to) => _calls.Count(call => call.IsAnswered && call.Ended >= from && call.Ended < to) / (to - from);

    /// <summary>A quantile of the milliseconds of answered calls that began in a part of the time.</summary>
    public double Milliseconds(double quantile, double from = 0, double to = double.PositiveInfinity)
    {
        double[] seconds = [.. _calls.Where(call => call.IsAnswered && call.Begun >= from && call.Begun < to).Select(call => call.Ended - call.Begun).Order()];
        return seconds.Length == 0 ? 0 : 1e3 * seconds[(int)Math.Min(seconds.Length - 1, quantile * seconds.Length)];
    }

    private sealed record Call(double Begun, double Ended, bool IsAnswered);
}
