using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class ObserveTests(SharedSilo shared)
{
    [Fact]
    public async Task ObserveAsync_SameBatchIdAgain_AcknowledgedAndNotAdded()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        ITargetTaskGrain grain = Grain(source.Task("t"));

        ObserveReceipt first = await grain.ObserveAsync(problem.Batch("a", 5));
        ObserveReceipt retry = await grain.ObserveAsync(problem.Batch("a", 5));
        ObserveReceipt other = await grain.ObserveAsync(problem.Batch("b", 3));

        Assert.Equal(new ObserveReceipt(Added: true, 5), first);
        Assert.Equal(new ObserveReceipt(Added: false, 5), retry);
        Assert.Equal(new ObserveReceipt(Added: true, 8), other);
        Assert.Equal(TargetTaskStatus.Stale, (await grain.DescribeAsync()).Status);
    }

    [Fact]
    public async Task ObserveAsync_SameRowsWithoutAndWithBatchId_AddedOnceAndOnceMore()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");

        Assert.Equal(5, await task.ObserveAsync(problem.Rows(5)));
        Assert.Equal(5, await task.ObserveAsync(problem.Rows(5)));
        Assert.Equal(10, await task.ObserveAsync(problem.Rows(5), "second visit"));
        Assert.Equal(10, await task.ObserveAsync(problem.Rows(5), "second visit"));
    }

    [Fact]
    public async Task ObserveAsync_ManyBatchesAtOnce_AllHeld()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => task.ObserveAsync(problem.Rows(2, seed: i))));

        Assert.Equal(100, (await task.DescribeAsync()).Observations);
    }

    [Fact]
    public async Task ObserveAsync_Over64Kilobytes_InTheTensorStoreAndBackBitByBit()
    {
        // 7 numbers a row: 1,200 rows are 67 KB, in one batch; 50 rows stay in the record.
        var problem = new Problem(inputs: 6);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        LabelledRows rows = problem.Rows(1_200);
        Rows at = problem.NewInputs();

        await task.ObserveAsync(problem.Rows(50, seed: 3));
        Assert.False(Directory.Exists(FolderOf(task)));
        await task.AdaptAsync(rows);

        Assert.Equal(2, Directory.GetFiles(FolderOf(task)).Length);
        LabelledRows small = problem.Rows(50, seed: 3);
        var all = new LabelledRows(
            new Rows(1_250, 6, [.. small.Inputs.Values, .. rows.Inputs.Values]), new Rows(1_250, 1, [.. small.Targets.Values, .. rows.Targets.Values]));
        double[] expected = problem.Expected(all, at).Prediction.Mean.Values;
        Prediction actual = await task.PredictAsync(at);
        Assert.All(expected.Zip(actual.Mean.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-10));

        await task.DeleteAsync();
        Assert.False(Directory.Exists(FolderOf(task)));
    }

    [Fact]
    public async Task ObserveAsync_RowsOfSeveralMegabytes_ArriveInSeveralBatches()
    {
        var problem = new Problem(inputs: 20);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");

        int held = await task.ObserveAsync(problem.Rows(20_000));

        Assert.Equal(20_000, held);
        Assert.Equal(2 * 4, Directory.GetFiles(FolderOf(task)).Length);
    }

    [Theory]
    [InlineData(3, 1, "inputs: their shape is [4, 3]; send [rows, 2] with at least one row.")]
    [InlineData(2, 2, "targets: their shape is [4, 2]; send [4, 1] with at least one row.")]
    public async Task ObserveAsync_WrongWidth_RefusedAndNothingKept(int inputs, int targets, string message)
    {
        SourceHandle source = await new Problem().RegisterAsync(shared.NewTenant());

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => source.Task("t").ObserveAsync(new Problem(inputs: inputs, outputs: targets).Rows(4)));

        Assert.Equal(message, error.Message);
        await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").DescribeAsync());
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    public async Task ObserveAsync_NumberNotFinite_RefusedWithItsPlace(double value, string written)
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        LabelledRows rows = problem.Rows(4);
        rows.Inputs.Values[5] = value;

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => source.Task("t").ObserveAsync(rows));

        Assert.Equal($"inputs: row 2 (from 0), column 1 is {written}; send finite numbers.", error.Message);
        Assert.Equal("inputs", error.Input);
        Assert.Empty(await source.ListTaskNamesAsync());
    }

    [Fact]
    public async Task ObserveAsync_BatchLargerThanAMessageShouldBe_Refused()
    {
        var problem = new Problem(inputs: 7);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        ObservationBatch batch = problem.Batch("big", (ObservationBatch.MaxElements / 8) + 1);

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => Grain(source.Task("t")).ObserveAsync(batch));

        Assert.Equal("batch: it has 524296 numbers; send at most 524288 in one batch.", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public async Task ObserveAsync_BatchIdOfWrongLength_Refused(int length)
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => Grain(source.Task("t")).ObserveAsync(problem.Batch(new string('i', length), 2)));

        Assert.Equal($"batch id: it has {length} characters; give 1 to 200.", error.Message);
    }

    private ITargetTaskGrain Grain(TaskHandle task) => shared.Silo.Grains.GetGrain<ITargetTaskGrain>(task.Key.ToString());

    private string FolderOf(TaskHandle task) => Path.Combine(shared.Folder, "tensors", TensorScope.Observations(task.Key).Path);
}
