using System.Diagnostics;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Silo.Tests.Support;
using AdaptCluster.Tests.Shared;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>Reminders outlive the silo that they were set in, in both stores.</summary>
public sealed class RedisProvidersTests : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    /// <summary>A period, a refresh of the reminders, and what busy cores add.</summary>
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly string _alarm = $"{Guid.NewGuid()}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Reminder_SiloOfADataDirectoryRestarted_WakesTheGrain() =>
        IsWokenAfterRestartAsync(() => Silos.StartAsync(_folder.Path));

    [Fact]
    public async Task Reminder_AllSilosOfARedisServerRestarted_WakesTheGrain()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using RedisServer redis = await RedisServer.StartAsync(cancellationToken: Token);
        await IsWokenAfterRestartAsync(() => StartAsync(redis));
    }

    [Fact]
    public async Task Reminder_ItsSiloEnded_WakesTheGrainInAnother()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        await using RedisServer redis = await RedisServer.StartAsync(cancellationToken: Token);
        await using AdaptSilo other = await StartAsync(redis);
        await using (AdaptSilo silo = await StartAsync(redis))
        {
            await silo.Grains.GetGrain<IAlarmGrain>(_alarm).SetAsync(s_period);
        }

        await IsWokenAsync();
    }

    private async Task IsWokenAfterRestartAsync(Func<Task<AdaptSilo>> start)
    {
        await using (AdaptSilo silo = await start())
        {
            await silo.Grains.GetGrain<IAlarmGrain>(_alarm).SetAsync(s_period);
        }

        await using AdaptSilo again = await start();
        await IsWokenAsync();
    }

    private async Task IsWokenAsync()
    {
        int before = AlarmGrain.WakesOf(_alarm);
        long started = Stopwatch.GetTimestamp();
        while (AlarmGrain.WakesOf(_alarm) == before)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_deadline, "no reminder woke the grain");
            await Task.Delay(s_poll, Token);
        }
    }

    private Task<AdaptSilo> StartAsync(RedisServer redis) => AdaptSilo.StartOverRedisAsync(
        new SiloSettings
        {
            Redis = redis.Address,
            TensorDirectory = _folder.Path,
            Role = SiloRole.Private,
            Device = new DeviceOptions { Threads = 1 },
        },
        Token);
}
