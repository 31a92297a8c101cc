using AdaptCluster.Client.Data;
using AdaptCluster.Client.Panels;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Panels;

[Collection(nameof(SharedSilo))]
public sealed class PanelObserveTests(SharedSilo shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateAsync_SameInputsAndOthers_HarmlessAndRefused()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());

        PanelDescription created = await source.Panel("p").CreateAsync(problem.Inputs, Token);

        Assert.Equal((PanelStatus.Empty, 60, 0), (created.Status, created.Inputs, created.Targets));
        Assert.Equal(created, await source.Panel("p").CreateAsync(problem.Inputs, Token));
        await Assert.ThrowsAsync<AlreadyExistsException>(() => source.Panel("p").CreateAsync(problem.Source.Rows(60, seed: 3).Inputs, Token));
        Assert.Equal(created, await source.Panel("p").DescribeAsync(Token));
    }

    [Fact]
    public async Task CreateAsync_WhatCannotBe_IsRefusedAndNothingIsThere()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelHandle panel = source.Panel("p");

        await RefusedAsync("panel 'p': it has 16,385 rows; give at most 16,384, or adapt larger tasks one by one.", () => panel.CreateAsync(problem.Source.Rows(16_385).Inputs, Token));
        await RefusedAsync("panel 'p': it has 0 rows of 2 inputs and 1 output; give from 1 to 16,384 rows, or adapt larger tasks one by one.", () => panel.CreateAsync(new Rows(0, 2, []), Token));
        await RefusedAsync("inputs: their shape is [1, 3]; send [rows, 2] with at least one row.", () => panel.CreateAsync(new Rows(1, 3, [1, 2, 3]), Token));
        await RefusedAsync("inputs: row 0 (from 0), column 1 is NaN; send finite numbers.", () => panel.CreateAsync(new Rows(1, 2, [1, double.NaN]), Token));
        await Assert.ThrowsAsync<NotFoundException>(() => panel.DescribeAsync(Token));
        NotFoundException none = await Assert.ThrowsAsync<NotFoundException>(() => panel.AdaptAsync(cancellationToken: Token));
        Assert.Equal("no panel named 'p'; 'adapt panels adapt source p' makes one.", none.Message);
    }

    [Fact]
    public async Task ObserveAsync_ABatchTwiceAndValuesThatAreThere_ChangeNothing()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelHandle panel = await problem.CreateAsync(source, problem.Targets(4));
        IPanelGrain grain = shared.Silo.Grains.GetGrain<IPanelGrain>(panel.Key.ToString());
        await panel.AdaptAsync(cancellationToken: Token);

        Assert.Equal(new PanelReceipt(true, 5), await grain.ObserveAsync(problem.Batch("one", "a", "t0"), Token));
        Assert.Equal(new PanelReceipt(false, 5), await grain.ObserveAsync(problem.Batch("one", "a", "t0"), Token));
        Assert.Equal(new PanelReceipt(false, 5), await grain.ObserveAsync(problem.Batch("another name", "a", "t0"), Token));
        Assert.Equal(5, await panel.ObserveAsync(problem.Targets(4), cancellationToken: Token));

        // A late retry does not bring back what was replaced; a call of its own does.
        Assert.Equal(new PanelReceipt(false, 5), await grain.ObserveAsync(problem.Batch("one", "a", "t0"), Token));
        Assert.Equal(PanelTargetStatus.Stale, (await panel.DescribeTargetAsync("t0", Token)).Status);
        Assert.Equal(60, (await panel.DescribeTargetAsync("a", Token)).Observed);
        Assert.Equal(40, (await panel.DescribeTargetAsync("t0", Token)).Observed);
        Assert.Equal(5, (await panel.AdaptAsync(cancellationToken: Token)).Ready);
    }

    [Fact]
    public async Task ObserveAsync_MoreThanAMessage_IsCutByTargets()
    {
        var problem = new PanelProblem(rows: 3_000);
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());

        PanelHandle panel = await problem.CreateAsync(source, problem.Targets(200));

        PanelDescription described = await panel.DescribeAsync(Token);
        Assert.Equal((200, 200), (described.Targets, described.Stale));
        Assert.All(await panel.ListTargetsAsync(Token), target => Assert.Equal(2_000, target.Observed));
    }

    [Fact]
    public async Task ObserveAsync_WhatCannotBeUsed_IsRefusedAndChangesNothing()
    {
        var problem = new PanelProblem();
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelHandle panel = await problem.CreateAsync(source, problem.Targets(1));
        IPanelGrain grain = shared.Silo.Grains.GetGrain<IPanelGrain>(panel.Key.ToString());
        PanelDescription before = await panel.DescribeAsync(Token);
        PanelBatch good = problem.Batch("b", "x", "y");
        byte[] marks = good.Observed.Data.ToArray();
        byte[] few = [.. marks.Select((_, i) => (byte)(i % 2 == 0 || i < 3 ? 1 : 0))];

        await RefusedAsync("batch id: it has 0 characters", () => grain.ObserveAsync(good with { Id = "" }, Token));
        await RefusedAsync("targets: the batch has none", () => grain.ObserveAsync(good with { Targets = [] }, Token));
        await RefusedAsync("target 'x': it is in the batch twice", () => grain.ObserveAsync(good with { Targets = ["x", "x"] }, Token));
        await RefusedAsync("target: the name is empty", () => grain.ObserveAsync(good with { Targets = ["x", " "] }, Token));
        await RefusedAsync("values: their shape is [60, 2]; send [60, 1]", () => grain.ObserveAsync(good with { Targets = ["x"] }, Token));
        await RefusedAsync("observed: they are UInt8 of shape [60, 1]; send UInt8 of shape [60, 2].", () => grain.ObserveAsync(good with { Observed = problem.Marks(marks[..60], 1) }, Token));
        await RefusedAsync("observed: row 1 (from 0), target 'y' is 7; send 0 or 1.", () => grain.ObserveAsync(good with { Observed = problem.Marks([.. marks[..3], 7, .. marks[4..]], 2) }, Token));
        await RefusedAsync("target 'y': it observed 1 of 60 rows; observe at least 2", () => grain.ObserveAsync(good with { Observed = problem.Marks(few, 2) }, Token));
        await RefusedAsync("values: row 0 (from 0), column 1 is NaN", () => grain.ObserveAsync(good with { Values = TensorPayload.FromMatrix([.. Enumerable.Range(0, 120).Select(i => i == 1 ? double.NaN : 0)], 60, 2) }, Token));
        await RefusedAsync("noise scales: that of target 'y' is 0; send finite numbers above 0.", () => grain.ObserveAsync(good with { NoiseScales = Factors(1, 0) }, Token));
        await RefusedAsync("prior scales: their shape is [1]; send [2], one for each target.", () => grain.ObserveAsync(good with { PriorScales = Factors(1) }, Token));
        await RefusedAsync("target 't0': it is there twice", () => panel.ObserveAsync([.. problem.Targets(1), .. problem.Targets(1)], cancellationToken: Token));
        await RefusedAsync("targets: there are none", () => panel.ObserveAsync([], cancellationToken: Token));
        await RefusedAsync("target 'u': row 0 (from 0) is Infinity", () => panel.ObserveAsync([new("u", new Rows(60, 1, [.. Enumerable.Repeat(double.PositiveInfinity, 60)]))], cancellationToken: Token));

        Assert.Equal(before, await panel.DescribeAsync(Token));
    }

    [Fact]
    public async Task ObserveAsync_TooLargeABatch_IsRefused()
    {
        var problem = new PanelProblem(rows: 3_000);
        SourceHandle source = await problem.Source.RegisterAsync(shared.NewTenant());
        PanelHandle panel = await problem.CreateAsync(source, problem.Targets(1));
        PanelBatch large = problem.Batch("b", [.. Enumerable.Range(0, 160).Select(t => $"n{t}")]);

        await RefusedAsync(
            "batch: it has 4,320,000 bytes; send at most 4,194,304, with fewer targets in it.",
            () => shared.Silo.Grains.GetGrain<IPanelGrain>(panel.Key.ToString()).ObserveAsync(large, Token));
    }

    [Fact]
    public async Task AdaptAsync_NoPriorOrIndependentOutputs_SaysWhatToDo()
    {
        var problem = new PanelProblem(outputs: 2);
        SourceHandle source = shared.NewTenant().Source("source");
        await source.RegisterAsync(problem.Source.Registration, Token);
        PanelHandle panel = await problem.CreateAsync(source, problem.Targets(2));

        NotFoundException none = await Assert.ThrowsAsync<NotFoundException>(() => panel.AdaptAsync(cancellationToken: Token));
        await source.SetPriorAsync(Problem.Prior with { IndependentOutputs = true }, Token);

        Assert.Contains("learn one with 'adapt prior fit source'", none.Message, StringComparison.Ordinal);
        await RefusedAsync("panel 'panel': the source's prior has independent outputs", () => panel.AdaptAsync(cancellationToken: Token));
    }

    private static TensorPayload Factors(params double[] values) => new(
        TensorElementType.Float64, [values.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static async Task RefusedAsync(string says, Func<Task> call)
    {
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(call);
        Assert.StartsWith(says, error.Message, StringComparison.Ordinal);
    }
}
