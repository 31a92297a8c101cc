using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.PriorFits;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.FleetPriors;
using Orleans.Core.Internal;

namespace AdaptCluster.Grains.Tests.PriorFits;

/// <summary>Whatever happens between a fit and its parts: the same bits as without, or an error that names the part.</summary>
[Collection(nameof(FitSilo))]
public sealed class FaultTests(FitSilo shared) : IDisposable
{
    private const int Victim = 2;
    private const int Question = 3;

    private readonly Problem _problem = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => shared.Between = null;

    [Fact]
    public async Task LostQuestion_AskedAgain_SameBits()
    {
        var end = new TaskCompletionSource();
        await AssertSameBitsAsync(async _ =>
        {
            await end.Task;
            throw new TimeoutException("The message was lost.");
        });
        end.SetResult();
    }

    [Fact]
    public Task PartThatLostWhatItHad_LoadedAgain_SameBits() => AssertSameBitsAsync(async call =>
    {
        await PartOf(call).ReleaseAsync(Token);
        await call.Invoke();
    });

    [Fact]
    public Task PartThatIsDeactivated_LoadedAgain_SameBits() => AssertSameBitsAsync(async call =>
    {
        await PartOf(call).AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await call.Invoke();
    });

    [Fact]
    public Task UnknownErrorOnce_LoadedAgain_SameBits() => AssertSameBitsAsync(_ => throw new InvalidCastException("a bit fell over"));

    [Theory]
    [InlineData("nan")]
    [InlineData("shape")]
    [InlineData("sum")]
    [InlineData("cut")]
    public Task WrongAnswerOnce_LoadedAgain_SameBits(string how) => AssertSameBitsAsync(call => SpoilAsync(call, how));

    [Theory]
    [InlineData("nan", "numbers that are not finite")]
    [InlineData("shape", "a gradient of the wrong length")]
    [InlineData("sum", "an evidence that is not the sum of its tasks'")]
    [InlineData("cut", "it is cut off")]
    public async Task WrongAnswerTwice_FailsAndNamesThePart(string how, string problem)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        shared.Between = call => FitSilo.PartOf(call) == Victim ? SpoilAsync(call, how) : call.Invoke();

        AdaptationFailedException error = await Assert.ThrowsAsync<AdaptationFailedException>(
            () => source.FitPriorAsync(_problem.Fleet(8, 8), new PriorFitOptions(), cancellationToken: Token));

        Assert.StartsWith($"part {Victim} of the fit (tasks 4 to 5) on silo ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($" answered with {problem}, also after it was loaded again; check that machine.", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await source.DescribeAsync(Token)).Prior!.Version);
        await Eventually.IsTrueAsync(shared.IsEmptyAsync, "something was not freed");
    }

    private IEvidencePartGrain PartOf(IIncomingGrainCallContext call) => shared.Silo.Silo.Grains.GetGrain<IEvidencePartGrain>($"{call.TargetId.Key}");

    private static async Task SpoilAsync(IIncomingGrainCallContext call, string how)
    {
        await call.Invoke();
        var reply = (EvidenceReply)call.Result!;
        if (reply.Status != ShardReplyStatus.Answered)
        {
            return;
        }

        // A message has 300 bytes here: the rest of the answer is not in this reply. What is put in its place is whole.
        FleetEvidenceValue value = Value(how);
        byte[] bytes = EvidenceBytes.Write(value);
        bytes = how == "cut" ? bytes[..^3] : bytes;
        call.Result = new EvidenceReply(ShardReplyStatus.Answered, 1, bytes.Length, 2, SolvePayload.Of(bytes));
    }

    private static FleetEvidenceValue Value(string how)
    {
        double[] scales = how switch { "nan" => [1, double.NaN, 1, 1], "shape" => [1, 1, 1], _ => [1, 1, 1, 1] };
        var sum = new Numerics.Posteriors.EvidenceValue(how == "sum" ? -3 : -5, new Numerics.Posteriors.EvidenceGradient([.. scales], [1]), 16);
        return new FleetEvidenceValue(sum, [.. new double[25]], [new TaskScore(4, 8, -2, 1), new TaskScore(5, 8, -3, 1)]);
    }

    private async Task AssertSameBitsAsync(Func<IIncomingGrainCallContext, Task> fault)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskRows[] fleet = _problem.Fleet(8, 8);
        PriorDescription expected = await source.FitPriorAsync(fleet, new PriorFitOptions(), cancellationToken: Token);
        int asked = 0;
        shared.Between = call => FitSilo.PartOf(call) == Victim && Interlocked.Increment(ref asked) == Question ? fault(call) : call.Invoke();

        PriorDescription prior = await source.FitPriorAsync(fleet, new PriorFitOptions(), cancellationToken: Token);

        Assert.True(asked > Question, "the fault never came");
        Assert.Equal((3, expected.Fit!.Evaluations), (prior.Version, prior.Fit!.Evaluations));
        Same.Bits(expected.BlockScales, prior.BlockScales);
        Same.Bits(expected.NoiseVariance, prior.NoiseVariance);
        await Eventually.IsTrueAsync(shared.IsEmptyAsync, "something was not freed");
    }
}
