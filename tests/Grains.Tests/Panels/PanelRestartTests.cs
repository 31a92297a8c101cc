using AdaptCluster.Client.Panels;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Panels;
using AdaptCluster.Grains.State;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace AdaptCluster.Grains.Tests.Panels;

/// <summary>What was acknowledged is there after the silo was stopped and started on the same directory, and what it was at is taken up.</summary>
public sealed class PanelRestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PanelProblem _problem = new(outputs: 2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Restart_SolvedAndStaleTargets_SameNumbersWithoutSolving()
    {
        PanelDescription described;
        Prediction[] before = new Prediction[3];
        await using (TestSilo silo = await TestSilo.StartAsync(_folder.Path))
        {
            SourceHandle source = await _problem.Source.RegisterAsync(silo.Client("a"));
            PanelHandle panel = await _problem.CreateAsync(source, _problem.Targets(3));
            await panel.AdaptAsync(cancellationToken: Token);
            await panel.ObserveAsync(_problem.Targets(1, seed: 9), "later", Token);
            for (int t = 0; t < before.Length; t++)
            {
                before[t] = await panel.PredictAsync($"t{t}", _problem.Source.NewInputs(), Token);
            }

            described = await panel.DescribeAsync(Token);
        }

        await using TestSilo again = await TestSilo.StartAsync(_folder.Path);
        PanelHandle found = again.Client("a").Source("source").Panel("panel");
        Assert.Equal(described, await found.DescribeAsync(Token));
        for (int t = 0; t < before.Length; t++)
        {
            Same.Numbers(before[t], await found.PredictAsync($"t{t}", _problem.Source.NewInputs(), Token));
        }

        Assert.Equal(1, (await found.DescribeAsync(Token)).LastSolve!.Block);

        // A retry that crosses the restart is still a retry.
        Assert.Equal(3, await found.ObserveAsync(_problem.Targets(1, seed: 9), "later", Token));
        PanelSolveSummary solve = (await found.AdaptAsync(cancellationToken: Token)).LastSolve!;
        Assert.Equal((1, 2), (solve.Targets, solve.Block));
    }

    [Fact]
    public async Task Restart_SiloStoppedWhileSolving_NothingIsCountedAndAdaptingTakesItUp()
    {
        await using (TestSilo silo = await TestSilo.StartAsync(_folder.Path))
        {
            SourceHandle source = await _problem.Source.RegisterAsync(silo.Client("a"));
            PanelHandle panel = await _problem.CreateAsync(source, _problem.Targets(3));
            using var held = new HeldLane(silo.Silo.Services.GetRequiredService<DeviceLane>());
            Assert.Equal(PanelStatus.Solving, (await silo.Grains.GetGrain<IPanelGrain>(panel.Key.ToString()).AdaptAsync(Token)).Status);
        }

        await using TestSilo again = await TestSilo.StartAsync(_folder.Path);
        PanelHandle found = again.Client("a").Source("source").Panel("panel");
        PanelStatus status = (await found.DescribeAsync(Token)).Status;
        PanelDescription adapted = await found.AdaptAsync(cancellationToken: Token);

        // It may have ended in time.
        Assert.True(status is PanelStatus.Stale or PanelStatus.Ready, status.ToString());
        Assert.Equal((PanelStatus.Ready, 3), (adapted.Status, adapted.Ready));
        Assert.Equal(0, (await ReadAsync(again, found)).Attempts);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task AdaptAsync_AttemptsThatNeverEnded_AtTheThirdQuarantined(int attempts, bool isQuarantined)
    {
        await using (TestSilo silo = await TestSilo.StartAsync(_folder.Path))
        {
            SourceHandle source = await _problem.Source.RegisterAsync(silo.Client("a"));
            await _problem.CreateAsync(source, _problem.Targets(2));
        }

        // A silo that died is what its last write before the attempt left.
        await using TestSilo again = await TestSilo.StartAsync(_folder.Path);
        PanelHandle panel = again.Client("a").Source("source").Panel("panel");
        PanelState state = await ReadAsync(again, panel);
        var record = new GrainState<Stored<PanelState>>(new());
        await Storage(again).ReadStateAsync("panel", IdOf(again, panel), record);
        record.State = new() { Value = state with { Attempts = attempts } };
        await Storage(again).WriteStateAsync("panel", IdOf(again, panel), record);

        if (isQuarantined)
        {
            QuarantinedException error = await Assert.ThrowsAsync<QuarantinedException>(() => panel.AdaptAsync(cancellationToken: Token));
            Assert.StartsWith("panel 'panel' is quarantined: 3 attempts", error.Message, StringComparison.Ordinal);
            Assert.Equal(PanelStatus.Quarantined, (await panel.DescribeAsync(Token)).Status);
            return;
        }

        Assert.Equal(PanelStatus.Ready, (await panel.AdaptAsync(cancellationToken: Token)).Status);
        Assert.Equal(0, (await ReadAsync(again, panel)).Attempts);
    }

    [Fact]
    public async Task AdaptAsync_MoreThanTheMemoryForSolves_RefusedBeforeItStarts()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Path, new DeviceOptions { Threads = 1, SolveMemoryBytes = 1L << 20 });
        SourceHandle source = await _problem.Source.RegisterAsync(silo.Client("a"));

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => source.Panel("p").CreateAsync(_problem.Inputs, Token));

        Assert.Matches("^panel 'p': its solve needs [0-9,]+ MB, and the device has 1 MB for solves; give fewer inputs", error.Message);
        await Assert.ThrowsAsync<NotFoundException>(() => source.Panel("p").DescribeAsync(Token));
    }

    private static IGrainStorage Storage(TestSilo silo) => silo.Silo.Services.GetRequiredKeyedService<IGrainStorage>(GrainStorage.Name);

    private static GrainId IdOf(TestSilo silo, PanelHandle panel) => silo.Silo.Grains.GetGrain<IPanelGrain>(panel.Key.ToString()).GetGrainId();

    private static async Task<PanelState> ReadAsync(TestSilo silo, PanelHandle panel)
    {
        var record = new GrainState<Stored<PanelState>>(new());
        await Storage(silo).ReadStateAsync("panel", IdOf(silo, panel), record);
        return record.State!.Value!;
    }
}
