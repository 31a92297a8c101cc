using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Admission;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AdaptCluster.Grains.Tests.Admission;

/// <summary>A silo that has too much to do refuses work before it begins it, says when to come again, and takes work again by itself.</summary>
public sealed class SiloLoadTests : IDisposable
{
    private const int TooMany = 2_000;

    private readonly TemporaryFolder _folder = new();
    private readonly Problem _problem = new();
    private readonly AdaptInstruments _instruments = new();

    public void Dispose()
    {
        _instruments.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void RequireRoom_RecordsUnderWay_RefusedUntilTheyHaveEnded()
    {
        using var load = new SiloLoad(_instruments, TimeProvider.System);
        Assert.True(TakesCalls(load));
        Repeat(load.RecordBegins);

        BusyException busy = Assert.Throws<BusyException>(load.RequireRoom);

        Assert.True(busy.RetryAfter > TimeSpan.Zero);
        Repeat(load.RecordEnds);
        Assert.True(TakesCalls(load));
    }

    [Fact]
    public void RequireRoom_WorkWaitsForThreads_RefusedUntilItDoesNot()
    {
        var clock = new LateClock();
        using var load = new SiloLoad(_instruments, clock);
        clock.Pass(milliseconds: 50);
        Assert.True(TakesCalls(load));
        clock.Pass(milliseconds: 500);
        Assert.False(TakesCalls(load));

        clock.RunTimer();
        Assert.False(TakesCalls(load)); // it ran, but late: there may be more of that
        clock.Pass(milliseconds: 200);
        clock.RunTimer();
        Assert.False(TakesCalls(load));
        clock.Pass(milliseconds: 60);
        clock.RunTimer();
        Assert.True(TakesCalls(load));
    }

    [Fact]
    public async Task AdaptAndPredict_SiloHasTooMuchToDo_RefusedWithNothingBegunAndThenServed()
    {
        using var load = new SiloLoad(_instruments, TimeProvider.System);
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Path, extend: extended => extended.Services.AddSingleton(load));
        SourceHandle source = await _problem.RegisterAsync(silo.Client("acme"), "source");
        TaskHandle there = source.Task("there");
        LabelledRows rows = _problem.Rows(8);
        await there.AdaptAsync(rows, TestContext.Current.CancellationToken);
        Repeat(load.RecordBegins);

        BusyException refused = await Assert.ThrowsAsync<BusyException>(() => source.Task("new").AdaptAsync(rows, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<BusyException>(() => there.PredictAsync(rows.Inputs, cancellationToken: TestContext.Current.CancellationToken));
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        Assert.Equal(TargetTaskStatus.Ready, (await there.DescribeAsync(TestContext.Current.CancellationToken)).Status);

        Repeat(load.RecordEnds);
        await Eventually.IsTrueAsync(
            async () =>
            {
                try
                {
                    await there.PredictAsync(rows.Inputs, cancellationToken: TestContext.Current.CancellationToken);
                    return true;
                }
                catch (BusyException)
                {
                    return false;
                }
            },
            "the silo never takes calls again");
        await Assert.ThrowsAsync<NotFoundException>(() => source.Task("new").DescribeAsync(TestContext.Current.CancellationToken));
    }

    private static bool TakesCalls(SiloLoad load)
    {
        try
        {
            load.RequireRoom();
            return true;
        }
        catch (BusyException)
        {
            return false;
        }
    }

    private static void Repeat(Action action)
    {
        for (int i = 0; i < TooMany; i++)
        {
            action();
        }
    }

    /// <summary>A clock whose timer runs when it is told to.</summary>
    private sealed class LateClock : TimeProvider
    {
        private long _now = 1;
        private TimerCallback _callback = _ => { };

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return new NoTimer();
        }

        public void Pass(int milliseconds) => _now += milliseconds;

        public void RunTimer() => _callback(null);

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
