using AdaptCluster.Client.Panels;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace AdaptCluster.Grains.Tests.Panels;

[Collection(nameof(SharedSilo))]
public sealed class PanelAdaptTests(SharedSilo shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AdaptAsync_MaskedTargets_PredictAsTasksOfTheirOwn(int outputs)
    {
        var problem = new PanelProblem(outputs: outputs);
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelTargetRows[] targets = problem.Targets(7);
        PanelHandle panel = await problem.CreateAsync(source, targets);
        var updates = new Updates<PanelProgress>();

        PanelDescription adapted = await panel.AdaptAsync(updates, Token);

        Assert.Equal((PanelStatus.Ready, 60, 7, 7, 0, 0), (adapted.Status, adapted.Inputs, adapted.Targets, adapted.Ready, adapted.Stale, adapted.NotConverged));
        PanelSolveSummary solve = adapted.LastSolve!;
        Assert.Equal((1, 7, 7, 1), (solve.Block, solve.Targets, solve.Converged, solve.PriorVersion));
        Assert.InRange(solve.RelativeResidual, 0, 1e-6);
        Assert.InRange(solve.Iterations, 1, 60);
        Assert.InRange(solve.DeviceSeconds, 0, solve.Seconds);
        Assert.Equal(PanelPhase.Idle, updates.All[^1].Phase);
        foreach (PanelTargetRows target in targets)
        {
            TaskHandle alone = source.Task(target.Target);
            await alone.AdaptAsync(problem.Alone(target), Token);
            Prediction prediction = await panel.PredictAsync(target.Target, problem.Source.NewInputs(), Token);
            problem.Near(await alone.PredictAsync(problem.Source.NewInputs(), Token), prediction);
            Assert.Equal((1, 1, false), (prediction.Version, prediction.PriorVersion, prediction.Exact));
        }
    }

    [Fact]
    public async Task AdaptAsync_FactorsOfTheirOwn_AsUnderThePriorThatTheyMake()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelTargetRows[] targets = problem.Targets(3);
        targets[1] = targets[1] with { NoiseScale = 4, PriorScale = 2 };
        PanelHandle panel = await problem.CreateAsync(source, targets);
        await panel.AdaptAsync(cancellationToken: Token);

        await source.SetPriorAsync(new(2 * Problem.Scale, 4 * Problem.NoiseVariance, MeanIsSource: true), Token);
        await source.Task("alone").AdaptAsync(problem.Alone(targets[1]), Token);

        problem.Near(
            await source.Task("alone").PredictAsync(problem.Source.NewInputs(), Token),
            await panel.PredictAsync("t1", problem.Source.NewInputs(), Token));
    }

    [Fact]
    public async Task AdaptAsync_TargetsThatCameWhileSolving_AreTheNextBlockByItself()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelHandle panel = await problem.CreateAsync(source, problem.Targets(3, prefix: "early"));
        using (var held = new HeldLane(shared.Silo.Silo.Services.GetRequiredService<DeviceLane>()))
        {
            IPanelGrain grain = shared.Silo.Grains.GetGrain<IPanelGrain>(panel.Key.ToString());
            Assert.Equal(PanelStatus.Solving, (await grain.AdaptAsync(Token)).Status);
            await FirstAsync(panel, progress => progress.Columns == 3);
            await panel.ObserveAsync(problem.Targets(2, seed: 2, prefix: "late"), cancellationToken: Token);
            Assert.Equal((PanelStatus.Solving, 5, 5), await StandsAsync(panel));
        }

        PanelDescription adapted = await panel.AdaptAsync(cancellationToken: Token);

        Assert.Equal((PanelStatus.Ready, 5, 2, 2), (adapted.Status, adapted.Ready, adapted.LastSolve!.Block, adapted.LastSolve.Targets));
        Assert.Equal(
            [("early0", 1), ("early1", 1), ("early2", 1), ("late0", 2), ("late1", 2)],
            (await panel.ListTargetsAsync(Token)).Select(target => (target.Name, target.Block)));
    }

    [Fact]
    public async Task AdaptAsync_NewerValuesOfATarget_OldOnesServeUntilSolvedAndTheirFilesGo()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelTargetRows[] first = problem.Targets(2);
        PanelTargetRows[] second = problem.Targets(2, seed: 2);
        PanelHandle panel = await problem.CreateAsync(source, first);
        await panel.AdaptAsync(cancellationToken: Token);
        Prediction old = await panel.PredictAsync("t0", problem.Source.NewInputs(), Token);

        await panel.ObserveAsync(second, cancellationToken: Token);
        Same.Numbers(old, await panel.PredictAsync("t0", problem.Source.NewInputs(), Token));
        Assert.Equal((PanelStatus.Stale, 2, 2), await StandsAsync(panel));
        await panel.AdaptAsync(cancellationToken: Token);

        Prediction latest = await panel.PredictAsync("t0", problem.Source.NewInputs(), Token);
        Assert.Equal(2, latest.Version);
        await source.Task("alone").AdaptAsync(problem.Alone(second[0]), Token);
        problem.Near(await source.Task("alone").PredictAsync(problem.Source.NewInputs(), Token), latest);
        Assert.Equal(["batch-2", "block-2"], FoldersOf(panel));
    }

    [Fact]
    public async Task AdaptAsync_NothingNewThenAnotherPrior_NothingIsDoneThenAllIs()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelHandle panel = await problem.CreateAsync(source, problem.Targets(2));
        PanelDescription adapted = await panel.AdaptAsync(cancellationToken: Token);

        Assert.Equal(adapted, await panel.AdaptAsync(cancellationToken: Token));
        await source.SetPriorAsync(new(0.1, 0.1, MeanIsSource: true), Token);
        PanelDescription again = await panel.AdaptAsync(cancellationToken: Token);

        Assert.Equal((2, 2), (again.LastSolve!.Block, again.LastSolve.PriorVersion));
        Assert.Equal(2, (await panel.DescribeTargetAsync("t1", Token)).Version);
    }

    [Fact]
    public async Task AdaptAsync_OneTargetDoesNotConverge_ItIsSaidAndTheOthersAreGood()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelTargetRows[] targets = problem.Targets(3);
        targets[1] = targets[1] with { NoiseScale = 1e-14 };
        PanelHandle panel = await problem.CreateAsync(source, targets);

        PanelDescription adapted = await panel.AdaptAsync(cancellationToken: Token);

        Assert.Equal((PanelStatus.Ready, 2, 0, 1), (adapted.Status, adapted.Ready, adapted.Stale, adapted.NotConverged));
        PanelTargetDescription hard = await panel.DescribeTargetAsync("t1", Token);
        Assert.Equal((PanelTargetStatus.NotConverged, 0), (hard.Status, hard.Version));
        Assert.True(!(hard.RelativeResidual <= 1e-6), $"{hard.RelativeResidual}");
        Assert.Contains("not converged", hard.Failure, StringComparison.Ordinal);
        Assert.Contains("larger noise variance", hard.Failure, StringComparison.Ordinal);
        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => panel.PredictAsync("t1", problem.Source.NewInputs(), Token));
        Assert.StartsWith("no posterior of target named 't1'; it has not converged", error.Message, StringComparison.Ordinal);
        await source.Task("alone").AdaptAsync(problem.Alone(targets[2]), Token);
        problem.Near(
            await source.Task("alone").PredictAsync(problem.Source.NewInputs(), Token),
            await panel.PredictAsync("t2", problem.Source.NewInputs(), Token));

        // It is not tried again by itself, but with other values.
        Assert.Equal(1, (await panel.AdaptAsync(cancellationToken: Token)).LastSolve!.Block);
        await panel.ObserveAsync([targets[1] with { NoiseScale = 1 }], cancellationToken: Token);
        PanelDescription better = await panel.AdaptAsync(cancellationToken: Token);
        Assert.Equal((3, 0), (better.Ready, better.NotConverged));
    }

    [Fact]
    public async Task DeleteAsync_WhileSolving_EverythingGoesAndTheNameIsFree()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelHandle panel = await problem.CreateAsync(source, problem.Targets(3));
        Task deleted;
        using (var held = new HeldLane(shared.Silo.Silo.Services.GetRequiredService<DeviceLane>()))
        {
            await shared.Silo.Grains.GetGrain<IPanelGrain>(panel.Key.ToString()).AdaptAsync(Token);
            await FirstAsync(panel, progress => progress.Columns == 3);
            deleted = panel.DeleteAsync(Token);
        }

        await deleted;

        await Assert.ThrowsAsync<NotFoundException>(() => panel.DescribeAsync(Token));
        Assert.Empty(FoldersOf(panel));
        await panel.CreateAsync(problem.Source.Rows(9).Inputs, Token);
        Assert.Equal(PanelStatus.Empty, (await panel.DescribeAsync(Token)).Status);
    }

    private static async Task<(PanelStatus Status, int Targets, int Stale)> StandsAsync(PanelHandle panel)
    {
        PanelDescription described = await panel.DescribeAsync(Token);
        return (described.Status, described.Targets, described.Stale);
    }

    private static async Task FirstAsync(PanelHandle panel, Func<PanelProgress, bool> condition)
    {
        await foreach (PanelProgress progress in panel.WatchAsync(Token))
        {
            if (condition(progress))
            {
                return;
            }
        }

        Assert.Fail("the solve ended before that");
    }

    private string[] FoldersOf(PanelHandle panel)
    {
        string folder = Path.Combine(shared.Folder, "tensors", TensorScope.Panel(panel.Key).Path);
        return Directory.Exists(folder)
            ? [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
            : [];
    }
}
