using System.Diagnostics;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>For what comes to pass on its own: asks again until it did, up to a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static async Task IsTrueAsync(Func<bool> condition, string otherwise)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, otherwise);
            await Task.Delay(Interval);
        }
    }

    public static async Task IsTrueAsync(Func<Task<bool>> condition, string otherwise)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Deadline, otherwise);
            await Task.Delay(Interval);
        }
    }

    /// <summary>Repeats an operation while it throws <typeparamref name="TError"/>.</summary>
    public static async Task<TResult> SucceedsAsync<TResult, TError>(Func<Task<TResult>> operation)
        where TError : Exception
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await operation();
            }
            catch (TError) when (Stopwatch.GetElapsedTime(started) < Deadline)
            {
                await Task.Delay(Interval);
            }
        }
    }
}
