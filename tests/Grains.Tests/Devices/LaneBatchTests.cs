using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Telemetry;
using Microsoft.Extensions.Options;

namespace AdaptCluster.Grains.Tests.Devices;

/// <summary>What is asked while the lane is held is answered together; the test says when the lane is free.</summary>
public sealed class LaneBatchTests : IDisposable
{
    private const int Places = 12;

    private readonly AdaptInstruments _instruments = new();
    private readonly DeviceLane _lane;
    private readonly ManualResetEventSlim _gate = new();
    private readonly List<string> _ran = []; // one entry per operation, by the lane's thread only

    public LaneBatchTests() =>
        _lane = new DeviceLane(Options.Create(new DeviceOptions { Threads = 1, MaxQueuedOperations = Places }), _instruments);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.Set();
        _lane.Dispose();
        _instruments.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public async Task RunBatchedAsync_LaneIsIdle_EachAtOnceAndAlone()
    {
        Assert.Equal("a!", await Ask("t", "a"));
        Assert.Equal("b!", await Ask("t", "b"));

        Assert.Equal(["t: a", "t: b"], _ran);
    }

    [Fact]
    public async Task RunBatchedAsync_LaneIsHeld_OneOperationPerKeyAndEachItsOwnAnswer()
    {
        Task held = await HoldAsync();
        Task<string>[] asked = [Ask("t", "a"), Ask("t", "b", source: "other"), Ask("t", "c"), Ask("t", "d", isPrediction: true), Ask("t", "e", version: 2)];

        _gate.Set();
        await held;

        Assert.Equal(["a!", "b!", "c!", "d!", "e!"], await Task.WhenAll(asked));
        Assert.Equal(["t: a c", "t: b", "t: d", "t: e"], _ran);
    }

    [Fact]
    public async Task RunBatchedAsync_MoreWorkThanOneOperationTakes_TheRestIsTheNext()
    {
        Task held = await HoldAsync();
        Task<string>[] asked = [.. "abcde".Select(name => Ask("t", $"{name}", flops: LaneBatch.MaxFlops / 2))];

        _gate.Set();
        await held;
        await Task.WhenAll(asked);

        Assert.Equal(["t: a b", "t: c d", "t: e"], _ran);
    }

    [Fact]
    public async Task RunBatchedAsync_OneIsCancelled_TheOthersAreAnsweredAndItIsNotComputed()
    {
        Task held = await HoldAsync();
        using var cancel = new CancellationTokenSource();
        Task<string> kept = Ask("t", "a");
        Task<string> given = Ask("t", "b", token: cancel.Token);
        Task<string> other = Ask("t", "c");

        await cancel.CancelAsync();
        _gate.Set();
        await held;

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal(cancel.Token, error.CancellationToken);
        Assert.Equal(["a!", "c!"], await Task.WhenAll(kept, other));
        Assert.Equal(["t: a c"], _ran);
    }

    [Fact]
    public async Task RunBatchedAsync_OneFails_ItsErrorIsItsOwn()
    {
        Task held = await HoldAsync();
        Task<string> first = Ask("t", "a");
        Task<string> failing = Ask("t", "fails");
        Task<string> last = Ask("t", "c");

        _gate.Set();
        await held;

        Assert.Equal("its own", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        Assert.Equal(["a!", "c!"], await Task.WhenAll(first, last));
        Assert.Equal(["t: a fails c"], _ran);
    }

    [Fact]
    public async Task RunBatchedAsync_TheOperationItselfThrows_EachIsAskedAlone()
    {
        Task held = await HoldAsync();
        Task<string> first = Ask("t", "a");
        Task<string> failing = Ask("t", "throws");
        Task<string> last = Ask("t", "c");

        _gate.Set();
        await held;

        Assert.Equal("everyone's", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        Assert.Equal(["a!", "c!"], await Task.WhenAll(first, last));
        Assert.Equal(["t: a throws c", "t: a", "t: throws", "t: c"], _ran);
    }

    [Fact]
    public async Task RunBatchedAsync_OneTenantAsksForMuch_WhoAsksForLittleWaitsForOneOperation()
    {
        Task held = await HoldAsync();
        var asked = new List<Task<string>>();
        for (int i = 0; i < 4; i++)
        {
            asked.Add(Ask("greedy", $"g{i}", flops: LaneBatch.MaxFlops));
        }

        asked.Add(Ask("modest", "m"));

        _gate.Set();
        await held;
        await Task.WhenAll(asked);

        Assert.Equal("modest: m", _ran[0]);
        Assert.Equal(5, _ran.Count);
    }

    [Fact]
    public async Task RunBatchedAsync_NobodyWaitsForSome_TheyAreAnOperationOfTheirOwnAfterTheOthers()
    {
        Task held = await HoldAsync();
        Task<string>[] asked =
        [
            Ask("t", "renewal 1", priority: LanePriority.Background), Ask("t", "a"), Ask("t", "renewal 2", priority: LanePriority.Background), Ask("t", "b"),
        ];

        _gate.Set();
        await held;
        await Task.WhenAll(asked);

        Assert.Equal(["t: a b", "t: renewal 1 renewal 2"], _ran);
    }

    [Fact]
    public async Task RunBatchedAsync_OneTenantFillsTheQueue_IsRefusedAndOthersFindAPlace()
    {
        Task held = await HoldAsync();
        var asked = new List<Task<string>>();
        for (int i = 0; i < Places / 2; i++)
        {
            asked.Add(Ask("greedy", $"g{i}"));
        }

        BusyException busy = Assert.Throws<BusyException>(() => { _ = Ask("greedy", "refused"); });
        asked.Add(Ask("modest", "m"));

        Assert.True(busy.IsRetryable);
        Assert.InRange(busy.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        _gate.Set();
        await held;
        await Task.WhenAll(asked);
        Assert.DoesNotContain(_ran, operation => operation.Contains("refused", StringComparison.Ordinal));
        Assert.Equal("after!", await Ask("greedy", "after"));
    }

    [Fact]
    public async Task Dispose_SomeWait_TheyAreCancelled()
    {
        Task held = await HoldAsync();
        Task<string>[] waiting = [Ask("t", "a"), Ask("t", "b"), Ask("u", "c")];

        Task disposing = Task.Run(_lane.Dispose, Token);
        await Support.Eventually.SucceedsAsync<ObjectDisposedException, Xunit.Sdk.XunitException>(
            () => Task.FromResult(Assert.Throws<ObjectDisposedException>(() => { _ = Ask("t", "late"); })));
        _gate.Set();
        await disposing;
        await held;

        foreach (Task<string> one in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        }
    }

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

    private Task<string> Ask(
        string tenant,
        string name,
        string source = "source",
        int version = 1,
        bool isPrediction = false,
        double flops = 1,
        LanePriority priority = LanePriority.Interactive,
        CancellationToken token = default) =>
        _lane.RunBatchedAsync(
            new LaneBatchKey(tenant, source, "model", version, isPrediction, priority),
            name,
            flops,
            (LaneContext _, IReadOnlyList<string> names) => Answer(tenant, names),
            token);

    private List<LaneOutcome<string>> Answer(string tenant, IReadOnlyList<string> names)
    {
        _ran.Add($"{tenant}: {string.Join(' ', names)}");
        return names.Contains("throws")
            ? throw new InvalidDataException("everyone's")
            : [.. names.Select(name => name == "fails" ? new LaneOutcome<string>(null, new InvalidDataException("its own")) : new LaneOutcome<string>($"{name}!", null))];
    }
}
