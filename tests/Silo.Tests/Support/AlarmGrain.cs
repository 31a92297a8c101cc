using System.Collections.Concurrent;

namespace AdaptCluster.Silo.Tests.Support;

public sealed class AlarmGrain : Grain, IAlarmGrain, IRemindable
{
    private static readonly ConcurrentDictionary<string, int> s_wakes = new(StringComparer.Ordinal);

    /// <summary>How often a grain was woken.</summary>
    public static int WakesOf(string key) => s_wakes.GetValueOrDefault(key);

    public Task SetAsync(TimeSpan period) => this.RegisterOrUpdateReminder("alarm", period, period);

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        s_wakes.AddOrUpdate(this.GetPrimaryKeyString(), 1, (_, count) => count + 1);
        return Task.CompletedTask;
    }
}
