using System.Diagnostics;

namespace AdaptCluster.Bench.FewShot;

/// <summary>Calls by several callers, each waiting for one before the next.</summary>
/// <param name="PerSecond">Calls per second of all.</param>
/// <param name="Seconds">How long each took, ascending.</param>
/// <param name="CpuSeconds">Processor time of this process per call.</param>
internal sealed record LatencyRun(double PerSecond, double[] Seconds, double CpuSeconds)
{
    /// <summary>Makes calls 0 to <paramref name="count"/> - 1.</summary>
    public static async Task<LatencyRun> RunAsync(int callers, int count, Func<int, Task> call)
    {
        var seconds = new double[count];
        int next = -1;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                long begun = Stopwatch.GetTimestamp();
                await call(i);
                seconds[i] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            }
        })));
        double elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Array.Sort(seconds);
        return new LatencyRun(count / elapsed, seconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds / count);
    }

    /// <summary>Processor time of a call, for a figure's note: on a shared machine that says more than the time.</summary>
    public string Cpu => $"{CpuSeconds * 1e6:0} us of processor time each";

    /// <summary>A quantile of the calls.</summary>
    public double Milliseconds(double quantile) => 1e3 * Seconds[(int)Math.Min(Seconds.Length - 1, quantile * Seconds.Length)];
}
