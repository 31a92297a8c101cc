using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;
using Orleans.Core.Internal;

namespace AdaptCluster.Grains.Tests.Solves;

/// <summary>Whatever happens between coordinator and shards: the same bits as without, or an error that names the shard.</summary>
[Collection(nameof(SolveSilo))]
public sealed class FaultTests(SolveSilo shared) : IDisposable
{
    private const int Victim = 1;
    private const int Product = 4;

    private readonly Problem _problem = new(inputs: 3, outputs: 2, hidden: 8);

    public static TheoryData<SolveSpace> Spaces => new(Enum.GetValues<SolveSpace>());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => shared.Between = null;

    [Theory]
    [MemberData(nameof(Spaces))]
    public async Task LostQuestion_AskedAgain_SameBits(SolveSpace space)
    {
        ShardFaults faults = null!;
        faults = new ShardFaults(Victim, Product) { Fault = (_, _) => faults.LoseAsync() };

        await AssertSameBitsAsync(space, faults);
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public async Task LostReply_KeptAnswerIsSentAgain_SameBits(SolveSpace space)
    {
        ShardFaults faults = null!;
        faults = new ShardFaults(Victim, Product)
        {
            Fault = async (call, _) =>
            {
                await call.Invoke();
                await faults.LoseAsync();
            },
        };

        TaskDescription task = await AssertSameBitsAsync(space, faults);

        Assert.Equal(0, task.Posterior!.Solve!.Reloads);
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public async Task DuplicatedQuestion_BothGetTheSameAnswer_SameBits(SolveSpace space)
    {
        ShardReply? one = null, other = null;
        var faults = new ShardFaults(Victim, Product)
        {
            Fault = async (call, _) =>
            {
                Task<ShardReply> duplicate = ShardOf(call).AskAsync((ShardQuestionMessage)call.Request.GetArgument(0)!);
                await call.Invoke();
                one = (ShardReply)call.Result!;
                other = await duplicate;
            },
        };

        await AssertSameBitsAsync(space, faults);

        Assert.Equal((ShardReplyStatus.Answered, one!.TotalBytes), (other!.Status, other.TotalBytes));
        Assert.True(one.Payload.Bytes.SequenceEqual(other.Payload.Bytes), "the answers differ");
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public async Task SlowShard_IsSaidInProgress_SameBits(SolveSpace space)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var faults = new ShardFaults(Victim, Product)
        {
            Once = false,
            Fault = async (call, _) =>
            {
                await go.Task;
                await call.Invoke();
            },
        };
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        Prediction expected = await CleanAsync(source, space);
        shared.Between = faults.Between;
        Task<TaskDescription> adapting = source.Task("t").AdaptAsync(_problem.Rows(160), Options(space), Token);
        await faults.Reached.Task.WaitAsync(Token);

        await foreach (SolveProgressMessage progress in source.Task("t").WatchAsync(Token))
        {
            if (progress.SlowShards is [Victim])
            {
                go.TrySetResult();
            }
        }

        Assert.True(go.Task.IsCompleted, "the slow shard was never said");
        await adapting;
        Same.Numbers(expected, await source.Task("t").PredictAsync(_problem.NewInputs(), Token));
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public async Task SilentShard_IsPlacedAnew_SameBits(SolveSpace space)
    {
        GrainId silent = default;
        ShardFaults faults = null!;
        faults = new ShardFaults(Victim, Product)
        {
            Once = false,
            Fault = (call, isFirst) =>
            {
                silent = isFirst ? call.TargetId : silent;
                return call.TargetId == silent ? faults.LoseAsync() : call.Invoke();
            },
        };

        TaskDescription task = await AssertSameBitsAsync(space, faults);

        Assert.Equal(1, task.Posterior!.Solve!.Reloads);
        Assert.Equal(2, faults.Begins);
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public async Task ShardFreedInTheMiddle_LoadedAgain_SameBits(SolveSpace space)
    {
        var faults = new ShardFaults(Victim, Product)
        {
            Fault = async (call, _) =>
            {
                await ShardOf(call).ReleaseAsync();
                await call.Invoke();
            },
        };

        TaskDescription task = await AssertSameBitsAsync(space, faults);

        Assert.Equal(1, task.Posterior!.Solve!.Reloads);
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public async Task CoordinatorDeactivatedInTheMiddle_TakesUpFromItsCheckpoint_SameBits(SolveSpace space)
    {
        var faults = new ShardFaults(Victim, Product)
        {
            Fault = async (call, _) =>
            {
                string key = string.Join('/', $"{call.TargetId.Key}".Split('/')[..^2]);
                await shared.Silo.Silo.Grains.GetGrain<ISolveCoordinatorGrain>(key).AsReference<IGrainManagementExtension>().DeactivateOnIdle();
                await call.Invoke();
            },
        };

        TaskDescription task = await AssertSameBitsAsync(space, faults);

        Assert.Equal(2, faults.Begins); // once by each coordinator
        Assert.Equal(0, task.Posterior!.Solve!.Reloads); // the shards were there still
    }

    [Theory]
    [InlineData(SolveSpace.KernelRows, true)]
    [InlineData(SolveSpace.KernelRows, false)]
    [InlineData(SolveSpace.ParameterSpace, true)]
    [InlineData(SolveSpace.ParameterSpace, false)]
    public async Task WrongAnswerOnce_ShardIsLoadedAgain_SameBits(SolveSpace space, bool isNaN)
    {
        TaskDescription task = await AssertSameBitsAsync(space, new ShardFaults(Victim, Product) { Fault = (call, _) => SpoilAsync(call, isNaN) });

        Assert.Equal(1, task.Posterior!.Solve!.Reloads);
    }

    [Theory]
    [InlineData(SolveSpace.KernelRows, true, "numbers that are not finite")]
    [InlineData(SolveSpace.ParameterSpace, false, "a wrong number of bytes")]
    public async Task WrongAnswerTwice_FailsAndNamesShardAndSilo(SolveSpace space, bool isNaN, string problem)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        using var faults = new ShardFaults(Victim, Product) { Once = false, Fault = (call, _) => SpoilAsync(call, isNaN) };
        shared.Between = faults.Between;

        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(
            () => source.Task("t").AdaptAsync(_problem.Rows(160), Options(space), Token));

        Assert.Contains($"shard {Victim} on silo ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal((TargetTaskStatus.Failed, error.Message), ((await source.Task("t").DescribeAsync(Token)).Status, (await source.Task("t").DescribeAsync(Token)).Failure));
        Assert.True(await shared.IsEmptyAsync(), "a solve that failed left something behind");
    }

    [Theory]
    [MemberData(nameof(Spaces))]
    public async Task InternalErrorOnce_ShardIsLoadedAgain_SameBits(SolveSpace space)
    {
        TaskDescription task = await AssertSameBitsAsync(space, new ShardFaults(Victim, Product) { Fault = (_, _) => throw new InvalidOperationException("a native library's mood") });

        Assert.Equal(1, task.Posterior!.Solve!.Reloads);
    }

    [Fact]
    public async Task InternalErrorTwice_FailsAndNamesShardAndError()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        using var faults = new ShardFaults(Victim, Product) { Once = false, Fault = (_, _) => throw new InvalidOperationException("out of registers") };
        shared.Between = faults.Between;

        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(
            () => source.Task("t").AdaptAsync(_problem.Rows(160), Options(SolveSpace.ParameterSpace), Token));

        Assert.Matches("^shard 1 on silo .* met an internal error .*out of registers.*also after it was loaded again", error.Message);
    }

    [Fact]
    public async Task ShardThrows_FailsAndNamesIt()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        using var faults = new ShardFaults(Victim, Product) { Fault = (_, _) => throw new AdaptationFailedException("the network overflows on row 7.") };
        shared.Between = faults.Between;

        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(
            () => source.Task("t").AdaptAsync(_problem.Rows(160), Options(SolveSpace.KernelRows), Token));

        Assert.Matches("^shard 1 on silo .*: the network overflows on row 7\\.$", error.Message);
    }

    // Without a preconditioner there are iterations enough for something to happen in between.
    internal static AdaptOptions Options(SolveSpace space) => new() { Space = space, Shards = 3, Preconditioner = SolvePreconditioning.None };

    private static async Task SpoilAsync(IIncomingGrainCallContext call, bool isNaN)
    {
        await call.Invoke();
        var reply = (ShardReply)call.Result!;
        if (reply.Status == ShardReplyStatus.Answered)
        {
            byte[] spoiled = new byte[reply.Payload.Length];
            spoiled.AsSpan().Fill(0xff);
            call.Result = isNaN ? reply with { Payload = SolvePayload.Of(spoiled) } : reply with { TotalBytes = reply.TotalBytes + 8 };
        }
    }

    private IJacobianShardGrain ShardOf(IIncomingGrainCallContext call) =>
        shared.Silo.Silo.Grains.GetGrain<IJacobianShardGrain>($"{call.TargetId.Key}");

    private async Task<Prediction> CleanAsync(SourceHandle source, SolveSpace space)
    {
        await source.Task("clean").AdaptAsync(_problem.Rows(160), Options(space), Token);
        return await source.Task("clean").PredictAsync(_problem.NewInputs(), Token);
    }

    private async Task<TaskDescription> AssertSameBitsAsync(SolveSpace space, ShardFaults faults)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        Prediction expected = await CleanAsync(source, space);
        using (faults)
        {
            shared.Between = faults.Between;
            TaskDescription task = await source.Task("t").AdaptAsync(_problem.Rows(160), Options(space), Token);
            shared.Between = null;

            Assert.True(faults.Reached.Task.IsCompleted, "the fault never happened");
            Same.Numbers(expected, await source.Task("t").PredictAsync(_problem.NewInputs(), Token));
            await Eventually.IsTrueAsync(() => shared.Memory.Reservations == 0, "a solve that has ended left something behind");
            return task;
        }
    }
}
