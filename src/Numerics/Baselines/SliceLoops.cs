using System.Diagnostics;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>Loops over small pieces of work, as many in a slice as a host may wait for.</summary>
internal static class SliceLoops
{
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(25);

    /// <summary>Computes one value for every index, in order.</summary>
    /// <param name="slices">Where.</param>
    /// <param name="count">How many.</param>
    /// <param name="flops">Of one piece, about.</param>
    /// <param name="piece">The piece of an index.</param>
    internal static T[] Each<T>(this IComputeSlices slices, int count, double flops, Func<int, T> piece)
    {
        var results = new T[count];
        int done = 0;
        while (done < count)
        {
            done = slices.Run(flops, () =>
            {
                long started = Stopwatch.GetTimestamp();
                int next = done;
                do
                {
                    results[next] = piece(next);
                    next++;
                }
                while (next < count && Stopwatch.GetElapsedTime(started) < s_slice);
                return next;
            });
        }

        return results;
    }
}
