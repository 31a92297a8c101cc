using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Tests.Devices;

public sealed class DeviceLaneTests : IDisposable
{
    private readonly AdaptInstruments _instruments = new();
    private readonly DeviceLane _lane;
    private readonly ManualResetEventSlim _gate = new();
    private readonly List<string> _ran = [];

    public DeviceLaneTests() => _lane = new DeviceLane(Options.Create(new DeviceOptions { Threads = 1, MaxQueuedOperations = 30 }), _instruments);

    public void Dispose()
    {
        _gate.Set();
        _lane.Dispose();
        _instruments.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public async Task RunAsync_ManyCallers_OneThreadThatIsNobodysOwn()
    {
        int[] threads = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => _lane.RunAsync((LanePriority)(i % 2), _ => Environment.CurrentManagedThreadId))));

        Assert.Single(threads.Distinct());
        Assert.NotEqual(Environment.CurrentManagedThreadId, threads[0]);
    }

    [Fact]
    public async Task RunAsync_InteractiveBehindBackground_GoesFirst()
    {
        Task held = await HoldAsync();
        Task[] work = [Run(LanePriority.Background, "b1"), Run(LanePriority.Background, "b2"), Run(LanePriority.Interactive, "i1"), Run(LanePriority.Interactive, "i2")];

        _gate.Set();
        await Task.WhenAll([held, .. work]);

        Assert.Equal(["i1", "i2", "b1", "b2"], _ran);
    }

    [Fact]
    public async Task RunAsync_EndlessInteractive_BackgroundStillGetsEveryEighthTurn()
    {
        Task held = await HoldAsync();
        var work = new List<Task>();
        for (int i = 0; i < 24; i++)
        {
            work.Add(Run(LanePriority.Interactive, "i"));
        }

        work.AddRange([Run(LanePriority.Background, "b"), Run(LanePriority.Background, "b")]);

        _gate.Set();
        await Task.WhenAll([held, .. work]);

        int first = _ran.IndexOf("b"), second = _ran.IndexOf("b", first + 1);
        Assert.InRange(first, 0, 7);
        Assert.Equal(8, second - first);
    }

    [Fact]
    public async Task RunAsync_QueueIsFull_BusyAndNothingQueued()
    {
        Task held = await HoldAsync();
        Task[] waiting = [.. Enumerable.Range(0, 30).Select(i => Run((LanePriority)(i % 2), "x"))];

        BusyException error = Assert.Throws<BusyException>(() => { _ = Run(LanePriority.Interactive, "refused"); });

        Assert.Equal("the device has 30 operations waiting and takes no more; try again in 1 s.", error.Message);
        Assert.True(error.IsRetryable);
        _gate.Set();
        await Task.WhenAll([held, .. waiting]);
        Assert.DoesNotContain("refused", _ran);
        await Run(LanePriority.Interactive, "after");
        Assert.Equal("after", _ran[^1]);
    }

    [Fact]
    public async Task RunAsync_CancelledInTheQueue_NeverRuns()
    {
        Task held = await HoldAsync();
        using var cancel = new CancellationTokenSource();
        Task cancelled = _lane.RunAsync(LanePriority.Interactive, _ => _ran.Add("cancelled"), cancel.Token);
        Task other = Run(LanePriority.Interactive, "other");

        await cancel.CancelAsync();
        _gate.Set();

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(cancel.Token, error.CancellationToken);
        await Task.WhenAll(held, other);
        Assert.Equal(["other"], _ran);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItRuns_Finishes()
    {
        using var cancel = new CancellationTokenSource();

        int result = await _lane.RunAsync(
            LanePriority.Interactive,
            _ =>
            {
                cancel.Cancel();
                return 7;
            },
            cancel.Token);

        Assert.Equal(7, result);
    }

    [Fact]
    public async Task RunAsync_OperationThrows_CallerGetsItAndTheLaneLivesOn()
    {
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(
            () => _lane.RunAsync<int>(LanePriority.Interactive, _ => throw new InvalidDataException("mine")));

        Assert.Equal("mine", error.Message);
        Assert.Equal(3, await _lane.RunAsync(LanePriority.Interactive, _ => 3));
    }

    [Fact]
    public async Task RunAsync_TheMathematicsFails_AdaptationFailedWithItsMessage()
    {
        var problem = new Problem();

        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(() => _lane.RunAsync(
            LanePriority.Background, _ => problem.Expected(problem.Rows(5), problem.NewInputs(1), scale: double.MaxValue)));

        Assert.Contains("is not positive definite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Continuation_NotOnTheLane()
    {
        Task held = await HoldAsync();
        Task<(int Lane, int Continuation)> threads = _lane.RunAsync(LanePriority.Interactive, _ => Environment.CurrentManagedThreadId).ContinueWith(
            lane => (lane.Result, Environment.CurrentManagedThreadId),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        _gate.Set();
        await held;

        Assert.NotEqual((await threads).Lane, (await threads).Continuation);
    }

    [Fact]
    public async Task Dispose_OneRunsAndSomeWait_TheOneEndsAndTheOthersAreCancelled()
    {
        Task held = await HoldAsync();
        Task[] waiting = [Run(LanePriority.Interactive, "i"), Run(LanePriority.Background, "b")];

        Task disposing = Task.Run(_lane.Dispose);
        await Eventually.SucceedsAsync<ObjectDisposedException, Xunit.Sdk.XunitException>(
            () => Task.FromResult(Assert.Throws<ObjectDisposedException>(() => { _ = Run(LanePriority.Interactive, "late"); })));
        _gate.Set();
        await disposing;

        await held;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[0]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[1]);
        Assert.Empty(_ran.Except(["late"]));
    }

    /// <summary>Occupies the lane until the gate opens.</summary>
    private async Task<Task> HoldAsync()
    {
        var begun = new TaskCompletionSource();
        Task held = _lane.RunAsync(LanePriority.Interactive, _ =>
        {
            begun.SetResult();
            _gate.Wait();
        });
        await begun.Task;
        return held;
    }

    private Task Run(LanePriority priority, string name) => _lane.RunAsync(priority, _ => _ran.Add(name));
}
