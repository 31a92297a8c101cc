using System.Diagnostics;

namespace AdaptCluster.Bench.Load;

/// <summary>Calls that begin at a fixed rate, whether earlier ones have ended or not: as many independent customers make them.</summary>
internal static class OpenLoop
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(2);

    /// <summary>Begins calls for some time, and waits for all of them.</summary>
    /// <param name="perSecond">The rate.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="call">Makes the call of a number; it does not throw.</param>
    /// <param name="cancellationToken">Begins no more.</param>
    public static async Task RunAsync(double perSecond, TimeSpan duration, Func<long, Task> call, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_tick);
        var all = new List<Task>();
        long started = Stopwatch.GetTimestamp();
        long begun = 0;
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            if (elapsed >= duration)
            {
                break;
            }

            for (long due = (long)(elapsed.TotalSeconds * perSecond); begun < due; begun++)
            {
                long number = begun;
                all.Add(Task.Run(() => call(number), CancellationToken.None));
            }
        }

        await Task.WhenAll(all);
    }
}
