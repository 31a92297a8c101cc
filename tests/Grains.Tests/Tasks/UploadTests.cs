using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class UploadTests(SharedSilo shared)
{
    /// <summary>So wide that a batch of a megabyte has 130 rows.</summary>
    private const int Wide = 1_000;

    [Fact]
    public async Task UploadAsync_PartsOfAllSizes_SamePosteriorAsFromOneCall()
    {
        var problem = new Problem(inputs: Wide);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        LabelledRows rows = problem.Rows(300);
        Rows at = problem.NewInputs();

        int held = await source.Task("uploaded").UploadAsync(Parts(rows, 1, 129, 0, 131, 39), "file", cancellationToken: TestContext.Current.CancellationToken);
        await source.Task("uploaded").AdaptAsync(TestContext.Current.CancellationToken);
        await source.Task("sent").AdaptAsync(rows, TestContext.Current.CancellationToken);

        Assert.Equal(300, held);
        Prediction expected = await source.Task("sent").PredictAsync(at, TestContext.Current.CancellationToken);
        Prediction actual = await source.Task("uploaded").PredictAsync(at, TestContext.Current.CancellationToken);
        Assert.Equal(expected.Mean.Values, actual.Mean.Values);
        Assert.Equal(expected.LatentVariance.Values, actual.LatentVariance.Values);
    }

    [Fact]
    public async Task UploadAsync_BrokenOffAndRepeated_GoesOnWhereItEndedAndAddsNothingTwice()
    {
        var problem = new Problem(inputs: Wide);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        LabelledRows rows = problem.Rows(400);
        await task.ObserveAsync(problem.Rows(3, seed: 9), cancellationToken: TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<IOException>(() => task.UploadAsync(BreaksOff(rows, after: 300), "file", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(3 + 260, (await task.DescribeAsync(TestContext.Current.CancellationToken)).Observations);

        var durable = new Reports();
        int held = await task.UploadAsync(Parts(rows, 200, 200), "file", durable, TestContext.Current.CancellationToken);
        int again = await task.UploadAsync(Parts(rows, 400), "file", durable, TestContext.Current.CancellationToken);
        int other = await task.UploadAsync(Parts(rows, 400), "file/2", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(403, held);
        Assert.Equal([390, 400], durable.Values);
        Assert.Equal(403, again);
        Assert.Equal(803, other);
    }

    [Fact]
    public async Task UploadAsync_FewerRowsThanAreHeld_SaysSoAndKeepsThem()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.UploadAsync(Parts(problem.Rows(20), 20), "file", cancellationToken: TestContext.Current.CancellationToken);

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(
            () => task.UploadAsync(Parts(problem.Rows(5), 5), "file", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("the task holds 20 rows of it and 5 were given", error.Message, StringComparison.Ordinal);
        Assert.Equal(20, (await task.DescribeAsync(TestContext.Current.CancellationToken)).Observations);
    }

    [Fact]
    public async Task UploadAsync_PartOfOtherWidth_RefusedNamingBoth()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => source.Task("t").UploadAsync(
            new[] { problem.Rows(5), new Problem(inputs: 3).Rows(5) }.ToAsyncEnumerable(), "file", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains("a part has 3 inputs and 1 targets, the first has 2 and 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ObserveAsync_ManySmallBatches_RecordStaysSmallAndNothingIsLost()
    {
        // 7 numbers a row: 1,000 rows are 56 KB, of which a record takes a megabyte.
        var problem = new Problem(inputs: 6);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        for (int i = 0; i < 20; i++)
        {
            await task.ObserveAsync(problem.Rows(1_000, seed: i), cancellationToken: TestContext.Current.CancellationToken);
        }

        string folder = Path.Combine(shared.Folder, "tensors", TensorScope.Observations(task.Key).Path);
        Assert.Equal(2 * (20 - 18), Directory.GetFiles(folder).Length);
        Assert.Equal(20_000, (await task.DescribeAsync(TestContext.Current.CancellationToken)).Observations);
    }

    private static IAsyncEnumerable<LabelledRows> Parts(LabelledRows rows, params int[] sizes)
    {
        int start = 0;
        return sizes.Select(size => rows.Slice((start += size) - size, size)).ToArray().ToAsyncEnumerable();
    }

    private static async IAsyncEnumerable<LabelledRows> BreaksOff(LabelledRows rows, int after)
    {
        await Task.Yield();
        yield return rows.Slice(0, after);
        throw new IOException("the file ends here");
    }

    private sealed class Reports : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value) => Values.Add(value);
    }
}
