using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tensors;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Sources;

[Collection(nameof(SharedSilo))]
public sealed class PriorTests(SharedSilo shared)
{
    private readonly Problem _problem = new();

    [Fact]
    public async Task SetPriorAsync_Twice_VersionsCountFromOne()
    {
        SourceHandle source = await RegisteredAsync();

        PriorDescription first = await source.SetPriorAsync(new PriorSetting(0.5, 0.1, MeanIsSource: true));
        PriorDescription second = await source.SetPriorAsync(new PriorSetting(0, 0.2, MeanIsSource: false));

        Assert.Equal((1, true), (first.Version, first.MeanIsSource));
        Assert.Equal([0.5, 0.5, 0.5, 0.5], first.BlockScales);
        Assert.Equal(["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"], first.BlockNames);
        Assert.Equal([0.1], first.NoiseVariance);
        Assert.Null(first.Fit);
        Assert.Equal((2, false), (second.Version, second.MeanIsSource));
        PriorDescription current = (await source.DescribeAsync()).Prior!;
        Assert.Equal((2, 0.2), (current.Version, current.NoiseVariance[0]));
    }

    [Theory]
    [InlineData(-1, 1, "scale: -1 is no variance; give a number of at least 0.")]
    [InlineData(double.NaN, 1, "scale: NaN is no variance; give a number of at least 0.")]
    [InlineData(double.PositiveInfinity, 1, "scale: Infinity is no variance; give a number of at least 0.")]
    [InlineData(1, 0, "noise variance: 0 is no noise variance; give a number above 0.")]
    [InlineData(1, -0.5, "noise variance: -0.5 is no noise variance; give a number above 0.")]
    [InlineData(1, double.NaN, "noise variance: NaN is no noise variance; give a number above 0.")]
    public async Task SetPriorAsync_VarianceOutOfRange_RefusedAndThePriorStays(double scale, double noise, string message)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => source.SetPriorAsync(new PriorSetting(scale, noise, MeanIsSource: true)));

        Assert.Equal(message, error.Message);
        Assert.Equal(1, (await source.DescribeAsync()).Prior!.Version);
    }

    [Fact]
    public async Task SetPriorAsync_UnknownSource_NotFound() =>
        await Assert.ThrowsAsync<NotFoundException>(() => shared.NewTenant().Source("none").SetPriorAsync(Problem.Prior));

    [Fact]
    public async Task SetPriorAsync_ScaleOfZero_PredictsWhatTheSourceSays()
    {
        SourceHandle source = await RegisteredAsync();
        await source.SetPriorAsync(new PriorSetting(0, 0.1, MeanIsSource: true));
        await source.Task("t").AdaptAsync(_problem.Rows(5));

        Prediction prediction = await source.Task("t").PredictAsync(_problem.NewInputs());

        Assert.Equal(prediction.SourceMean.Values, prediction.Mean.Values);
        Assert.All(prediction.LatentVariance.Values, variance => Assert.Equal(0, variance));
    }

    [Fact]
    public async Task FitPriorAsync_ManyTasks_NextVersionThatExplainsThemBetter()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        var updates = new Updates<PriorFitUpdate>();

        PriorDescription fitted = await source.FitPriorAsync(Fleet(12, 10), new PriorFitOptions(), updates);

        Assert.Equal(2, fitted.Version);
        Assert.Equal((12, 120), (fitted.Fit!.Tasks, fitted.Fit.Rows));
        Assert.True(
            fitted.Fit.LogEvidencePerRow > fitted.Fit.SourceLogDensityPerRow,
            $"{fitted.Fit.LogEvidencePerRow} is not above {fitted.Fit.SourceLogDensityPerRow}");
        Assert.Equal(4, fitted.BlockScales.Length);
        Assert.Equal(2, (await source.DescribeAsync()).Prior!.Version);
        Assert.Equal(2, updates.All[^1].Prior!.Version);
        Assert.All(updates.All, update => Assert.Equal(12, update.Tasks));
    }

    [Fact]
    public async Task FitPriorAsync_SameRowsTwice_SamePrior()
    {
        SourceHandle source = await RegisteredAsync();

        PriorDescription first = await source.FitPriorAsync(Fleet(6, 8), new PriorFitOptions { SingleScale = true });
        PriorDescription second = await source.FitPriorAsync(Fleet(6, 8), new PriorFitOptions { SingleScale = true });

        Assert.Equal((1, 2), (first.Version, second.Version));
        Same.Bits(first.BlockScales, second.BlockScales);
        Same.Bits(first.NoiseVariance, second.NoiseVariance);
        Assert.Single(first.BlockScales.Distinct());
    }

    [Fact]
    public async Task CancelPriorFitAsync_FitWhoseCallerLeft_EndsCleanlyAndThePriorStays()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        ISourceTaskGrain grain = shared.Silo.Grains.GetGrain<ISourceTaskGrain>(source.Key.ToString());
        StagedDataset data = await StageAsync(_problem.Rows(4_000), [.. Enumerable.Repeat(200, 20)]);

        await foreach (PriorFitUpdate update in grain.FitPriorAsync(new PriorFitRequest { Data = data }).WithBatchSize(1))
        {
            Assert.Null(update.Prior);
            break;
        }

        Assert.True(await source.CancelPriorFitAsync());
        Assert.False(await source.CancelPriorFitAsync());
        Assert.Equal(1, (await source.DescribeAsync()).Prior!.Version);
        PriorDescription fitted = await source.FitPriorAsync(Fleet(6, 8), new PriorFitOptions());
        Assert.Equal(2, fitted.Version);
        await source.Task("t").AdaptAsync(_problem.Rows(5));
    }

    [Fact]
    public async Task SetPriorAsync_WhileOneIsFitted_Refused()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        ISourceTaskGrain grain = shared.Silo.Grains.GetGrain<ISourceTaskGrain>(source.Key.ToString());
        StagedDataset data = await StageAsync(_problem.Rows(4_000), [.. Enumerable.Repeat(200, 20)]);
        await using (IAsyncEnumerator<PriorFitUpdate> fit = grain.FitPriorAsync(new PriorFitRequest { Data = data }).WithBatchSize(1).GetAsyncEnumerator())
        {
            Assert.True(await fit.MoveNextAsync());

            InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => source.SetPriorAsync(Problem.Prior));

            Assert.Equal("source 'source': a fit of its prior is under way; wait until it ends, or cancel it.", error.Message);
        }

        await source.CancelPriorFitAsync();
        PriorDescription set = await source.SetPriorAsync(Problem.Prior);
        Assert.Equal(2, set.Version);
    }

    [Fact]
    public async Task FitPriorAsync_Cancelled_ThePriorStays()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        using var cancel = new CancellationTokenSource();
        var updates = new Updates<PriorFitUpdate>(_ => cancel.CancelAfter(0));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => source.FitPriorAsync(Fleet(20, 200), new PriorFitOptions(), updates, cancel.Token));

        Assert.Equal(1, (await source.DescribeAsync()).Prior!.Version);
    }

    [Fact]
    public async Task FitPriorAsync_TasksThatCouldSpoilIt_AreNamedAndLeftOut()
    {
        SourceHandle source = await RegisteredAsync();
        LabelledRows same = _problem.Rows(1, seed: 7);
        var repeated = new LabelledRows(
            new Rows(5, 2, [.. Enumerable.Repeat(same.Inputs.Values, 5).SelectMany(v => v)]), new Rows(5, 1, [.. Enumerable.Repeat(same.Targets.Values, 5).SelectMany(v => v)]));
        TaskRows[] fleet = [.. Fleet(8, 10), new TaskRows("lonely", _problem.Rows(1, seed: 6)), new TaskRows("repeated", repeated)];

        PriorDescription fitted = await source.FitPriorAsync(fleet, new PriorFitOptions());
        PriorDescription expected = await source.FitPriorAsync(fleet[..8], new PriorFitOptions());

        Assert.Equal(
            [
                new ExcludedTaskDescription("lonely", "it has one row, which cannot tell a difference from noise"),
                new ExcludedTaskDescription("repeated", "its 5 rows are all the same: one row, said again, looks like a world without noise"),
            ],
            fitted.Fit!.Excluded);
        Assert.Equal((8, 80), (fitted.Fit.Tasks, fitted.Fit.Rows));
        Assert.Empty(expected.Fit!.Excluded);
        Same.Bits(expected.BlockScales, fitted.BlockScales);
        Same.Bits(expected.NoiseVariance, fitted.NoiseVariance);
    }

    [Fact]
    public async Task FitPriorAsync_NoTaskCanTakePart_RefusedWithTheReason()
    {
        SourceHandle source = await RegisteredAsync();
        LabelledRows same = _problem.Rows(1, seed: 7);
        var repeated = new LabelledRows(
            new Rows(2, 2, [.. same.Inputs.Values, .. same.Inputs.Values]), new Rows(2, 1, [.. same.Targets.Values, .. same.Targets.Values]));
        LabelledRows other = _problem.Rows(1, seed: 8);
        var more = new LabelledRows(
            new Rows(2, 2, [.. other.Inputs.Values, .. other.Inputs.Values]), new Rows(2, 1, [.. other.Targets.Values, .. other.Targets.Values]));

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => source.FitPriorAsync([new TaskRows("a", repeated), new TaskRows("b", more)], new PriorFitOptions()));

        Assert.StartsWith("tasks: no task of the fleet can take part; of task 0: its 2 rows are all the same", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FitPriorAsync_Directions_TasksAreAdaptedWithThemAndPanelsRefuse()
    {
        SourceHandle source = await RegisteredAsync();

        PriorDescription fitted = await source.FitPriorAsync(Fleet(12, 10), new PriorFitOptions { Rank = 2, MaxIterations = 10 });

        Assert.Equal((1, 2), (fitted.Version, fitted.Rank));
        Assert.Equal(64, fitted.MovesHash!.Length);
        Assert.Equal([0, 2], fitted.Fit!.Ranks.Select(rank => rank.Rank));
        TaskHandle task = source.Task("t");
        Assert.Equal(1, (await task.AdaptAsync(_problem.Rows(5))).Posterior!.PriorVersion);
        Prediction moved = await task.PredictAsync(_problem.NewInputs());
        PriorDescription without = await source.FitPriorAsync(Fleet(12, 10), new PriorFitOptions { Rank = 0, MaxIterations = 10 });
        Assert.Equal((2, 0, null), (without.Version, without.Rank, without.MovesHash));
        await task.AdaptAsync(_problem.Rows(2, seed: 3));
        Assert.NotEqual(moved.Mean.Values, (await task.PredictAsync(_problem.NewInputs())).Mean.Values);

        await source.FitPriorAsync(Fleet(12, 10), new PriorFitOptions { Rank = 1, MaxIterations = 2 });
        var panel = source.Panel("p");
        await panel.CreateAsync(_problem.NewInputs(6));
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => panel.AdaptAsync());
        Assert.Equal(
            "prior: it has a learned shift or directions, which neither panels nor iterative solves can use; fit a prior with --rank 0, or adapt tasks of their own.", error.Message);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "constant", "target 'y0': it is 7 in every row; choose a target, or rows, in which it varies." },
        { "no task", "data: it has no task; give the rows of at least one." },
        { "empty task", "data: the rows per task do not add up to the rows; send them again." },
        { "widths", "rows of task 't1': they have 3 inputs and 1 targets, those before have 2 and 1; send the same columns for every task." },
        { "width", "inputs: their shape is [20, 3]; send [20, 2] with at least one row." },
        { "rows", "rows per task: they are 0; give at least 1." },
        { "iterations", "iterations: they are -3; give at least 1." },
        { "rank", "rank: it is -1; give at least 0, or none for what held-out tasks decide." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task FitPriorAsync_BadRowsOrOption_RefusedAndThePriorStays(string what, string message)
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskRows[] fleet = Fleet(2, 10);
        var options = new PriorFitOptions();
        var wide = new Problem(inputs: 3);
        switch (what)
        {
            case "constant": Array.ForEach(fleet, task => Array.Fill(task.Rows.Targets.Values, 7)); break;
            case "no task": fleet = []; break;
            case "empty task": fleet = [fleet[0], new TaskRows("t1", fleet[1].Rows.Slice(0, 0))]; break;
            case "widths": fleet = [fleet[0], new TaskRows("t1", wide.Rows(10))]; break;
            case "width": fleet = [new TaskRows("t0", wide.Rows(10)), new TaskRows("t1", wide.Rows(10))]; break;
            case "rows": options = new PriorFitOptions { MaxRowsPerTask = 0 }; break;
            case "rank": options = new PriorFitOptions { Rank = -1 }; break;
            default: options = new PriorFitOptions { MaxIterations = -3 }; break;
        }

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => source.FitPriorAsync(fleet, options));

        Assert.Equal(message, error.Message);
        Assert.Equal(1, (await source.DescribeAsync()).Prior!.Version);
    }

    [Fact]
    public async Task FitPriorAsync_TasksOverSeveralParts_AsFittedFromTheRowsOfEach()
    {
        // Parts of 65,536 rows cut the third task in two: only rows of its own may count as its.
        SourceHandle source = await RegisteredAsync();
        LabelledRows large = _problem.Rows(30_000, seed: 9);
        TaskRows[] fleet =
        [
            new("a", large), new("b", _problem.Rows(30_000, seed: 10)), new("c", _problem.Rows(30_000, seed: 11)), new("d", _problem.Rows(20, seed: 12)),
        ];
        var options = new PriorFitOptions { MaxRowsPerTask = 16, MaxIterations = 5 };

        PriorDescription inParts = await source.FitPriorAsync(fleet, options);
        ISourceTaskGrain grain = shared.Silo.Grains.GetGrain<ISourceTaskGrain>(source.Key.ToString());
        var small = new List<StagedChunk>();
        var upload = Guid.NewGuid();
        foreach (TaskRows task in fleet)
        {
            small.AddRange(await StageAsync(upload, task.Rows));
        }

        PriorDescription perTask = null!;
        var request = new PriorFitRequest
        {
            Data = new StagedDataset(upload, [.. small], [30_000, 30_000, 30_000, 20]),
            MaxRowsPerTask = 16,
            MaxIterations = 5,
        };
        await foreach (PriorFitUpdate update in grain.FitPriorAsync(request))
        {
            perTask = update.Prior ?? perTask;
        }

        Assert.Equal((1, 2), (inParts.Version, perTask.Version));
        Same.Bits(inParts.BlockScales, perTask.BlockScales);
        Assert.Equal(4 * 16, inParts.Fit!.Rows);
    }

    private async Task<SourceHandle> RegisteredAsync()
    {
        SourceHandle source = shared.NewTenant().Source("source");
        await source.RegisterAsync(_problem.Registration);
        return source;
    }

    private async Task<StagedDataset> StageAsync(LabelledRows rows, int[] perTask)
    {
        var upload = Guid.NewGuid();
        return new StagedDataset(upload, [.. await StageAsync(upload, rows)], [.. perTask]);
    }

    private async Task<IReadOnlyList<StagedChunk>> StageAsync(Guid upload, LabelledRows rows)
    {
        IStagingGrain staging = shared.Silo.Grains.GetGrain<IStagingGrain>(0);
        return
        [
            new StagedChunk(
                await staging.StageAsync(upload, TensorPayload.FromMatrix(rows.Inputs.Values, rows.Count, rows.Inputs.Width)),
                await staging.StageAsync(upload, TensorPayload.FromMatrix(rows.Targets.Values, rows.Count, rows.Targets.Width)),
                rows.Count),
        ];
    }

    private TaskRows[] Fleet(int tasks, int rows) => _problem.Fleet(tasks, rows);
}
