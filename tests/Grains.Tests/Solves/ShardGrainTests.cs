using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Solves;

/// <summary>What a shard says to calls in a wrong order, and that it frees itself when nobody calls.</summary>
[Collection(nameof(SolveSilo))]
public sealed class ShardGrainTests(SolveSilo shared) : IDisposable
{
    private readonly Problem _problem = new(inputs: 3, hidden: 8);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => shared.Between = null;

    [Fact]
    public async Task Calls_OutOfOrder_RefusedByWhatIsWrong()
    {
        (IJacobianShardGrain shard, ShardOrder order) = await LoadAsync(session: 5);

        Assert.Equal(ShardLoadStatus.Loaded, (await shard.LoadAsync(order, Token)).Status);
        Assert.Equal(ShardLoadStatus.Superseded, (await shard.LoadAsync(order with { Session = 4 }, Token)).Status);
        Assert.Equal(ShardReplyStatus.Superseded, (await shard.AskAsync(Begin(4, 10), Token)).Status);
        Assert.Equal(ShardReplyStatus.NotLoaded, (await shard.AskAsync(Begin(6, 10), Token)).Status);
        Assert.Equal(ShardReplyStatus.Incomplete, (await shard.FetchAsync(5, 10, 0, TimeSpan.FromSeconds(5), Token)).Status);
        Assert.Equal(ShardReplyStatus.Answered, (await shard.AskAsync(Begin(5, 10), Token)).Status);
        Assert.Equal(ShardReplyStatus.Answered, (await shard.AskAsync(Begin(5, 10), Token)).Status);
        Assert.Equal(ShardReplyStatus.Answered, (await shard.FetchAsync(5, 10, 0, TimeSpan.FromSeconds(5), Token)).Status);
        Assert.Equal(ShardReplyStatus.Stale, (await shard.AskAsync(Begin(5, 9), Token)).Status);
        Assert.Equal(ShardReplyStatus.Incomplete, (await shard.AskAsync(Begin(5, 12) with { Part = 1, Parts = 2 }, Token)).Status);
        await shard.ReleaseAsync(Token);
        Assert.Equal(ShardReplyStatus.NotLoaded, (await shard.AskAsync(Begin(5, 14), Token)).Status);
        Assert.True(await shared.IsEmptyAsync(), "a released shard left something behind");
    }

    [Fact]
    public async Task Shard_NobodyAsks_FreesItself()
    {
        await LoadAsync(session: 1);
        Assert.Equal(1, shared.Memory.Reservations);

        await Eventually.IsTrueAsync(() => shared.Memory.Reservations == 0, "the idle shard kept its memory");

        Assert.True(await shared.IsEmptyAsync(), "an idle shard left something on the device");
    }

    [Fact]
    public async Task LoadAsync_TooLittleMemory_SaysWhetherWaitingHelps()
    {
        (IJacobianShardGrain shard, ShardOrder order) = await LoadAsync(session: 1);
        await shard.ReleaseAsync(Token);
        using Grains.Devices.SolveReservation others = shared.Memory.TryReserve(shared.Memory.FreeBytes - 1)!;
        IJacobianShardGrain another = shared.Silo.Grains.GetGrain<IJacobianShardGrain>($"{Guid.NewGuid():N}/0/0");

        ShardLoaded now = await another.LoadAsync(order, Token);
        ShardLoaded ever = await another.LoadAsync(
            order with { Order = order.Order with { Plan = order.Order.Plan with { ShardBytes = shared.Memory.TotalBytes + 1 } } }, Token);

        Assert.Equal((ShardLoadStatus.NoRoomNow, 1), (now.Status, now.FreeBytes));
        Assert.Equal(ShardLoadStatus.NoRoomEver, ever.Status);
        Assert.Equal(1, shared.Memory.Reservations);
    }

    private static ShardQuestionMessage Begin(long session, long sequence) => new()
    {
        Session = session,
        Sequence = sequence,
        Part = 0,
        Parts = 1,
        Question = ShardQuestionKind.Begin,
        Columns = 1,
        Start = 0,
        Count = 0,
        Precision = SolvePrecision.Double,
        Patience = TimeSpan.FromSeconds(5),
        Payload = SolvePayload.Empty,
    };

    // A shard beside any solve: the order of one that has ended, whose rows are in the task's own blocks.
    private async Task<(IJacobianShardGrain Shard, ShardOrder Order)> LoadAsync(long session)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        ShardOrder? seen = null;
        shared.Between = call =>
        {
            seen = call.MethodName == nameof(IJacobianShardGrain.LoadAsync) ? (ShardOrder)call.Request.GetArgument(0)! : seen;
            return call.Invoke();
        };
        await source.Task("t").AdaptAsync(_problem.Rows(4_000), new AdaptOptions { Space = SolveSpace.ParameterSpace, Shards = 2 }, Token);
        shared.Between = null;
        await Eventually.IsTrueAsync(() => shared.Memory.Reservations == 0, "the solve left something behind");
        Assert.All(seen!.Order.Blocks, block => Assert.False(block.IsOfSolve));
        IJacobianShardGrain shard = shared.Silo.Grains.GetGrain<IJacobianShardGrain>($"{Guid.NewGuid():N}/0/0");
        ShardOrder order = seen with { Session = session, Shard = 0, Patience = TimeSpan.FromSeconds(20) };
        Assert.Equal(ShardLoadStatus.Loaded, (await shard.LoadAsync(order, Token)).Status);
        return (shard, order);
    }
}
