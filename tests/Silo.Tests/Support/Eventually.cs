using System.Diagnostics;

namespace AdaptCluster.Silo.Tests.Support;

/// <summary>Polls for what must come about soon.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_deadline, "what was waited for did not come about");
            await Task.Delay(s_poll, TestContext.Current.CancellationToken);
        }
    }
}
