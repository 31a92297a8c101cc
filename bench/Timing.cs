using System.Diagnostics;

namespace AdaptCluster.Bench;

/// <summary>Times repeated work; the machines here are shared, so the median counts.</summary>
internal static class Timing
{
    /// <summary>The median seconds of one call over several, after one that does not count.</summary>
    public static double Median(int repetitions, Action action)
    {
        action();
        double[] seconds = new double[repetitions];
        for (int i = 0; i < repetitions; i++)
        {
            long started = Stopwatch.GetTimestamp();
            action();
            seconds[i] = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[repetitions / 2];
    }
}
