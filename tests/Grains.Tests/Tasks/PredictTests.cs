using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Tests.Support;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class PredictTests(SharedSilo shared)
{
    [Fact]
    public async Task PredictJointAsync_TwoOutputs_CovarianceAndSamplesOfTheMathematics()
    {
        var problem = new Problem(outputs: 2);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        LabelledRows rows = problem.Rows(9);
        Rows at = problem.NewInputs(4);
        await source.Task("t").AdaptAsync(rows);

        Prediction joint = await source.Task("t").PredictJointAsync(at, samples: 3, seed: 11);

        (_, Numerics.Posteriors.Prediction expected, RowMatrix[] samples) = problem.Expected(rows, at, samples: 3, seed: 11);
        Assert.Equal((8, 8), (joint.JointCovariance!.Count, joint.JointCovariance.Width));
        Assert.All(expected.JointCovariance!.Values.Zip(joint.JointCovariance.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal(3, joint.Samples.Count);
        Assert.All(samples.Zip(joint.Samples), pair => Same.Bits(pair.First.Values, pair.Second.Values));
        Same.Bits(
            joint.LatentVariance.Values,
            Enumerable.Range(0, 8).Select(i => joint.JointCovariance[i][i]));
    }

    [Fact]
    public async Task PredictAsync_MoreRowsThanOneCallTakes_SameNumbersAsRowByRow()
    {
        var problem = new Problem(inputs: 2);
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(problem.Rows(6));
        Rows many = problem.NewInputs(70_000); // 2^17 numbers are a call

        Prediction all = await task.PredictAsync(many);
        int[] some = [0, 1, 65_535, 65_536, 69_999];
        Prediction few = await task.PredictAsync(many.Select(some));

        Assert.Equal(70_000, all.Mean.Count);
        Assert.All(some.Select((row, i) => (row, i)), pair => Assert.Equal(few.Mean[pair.i][0], all.Mean[pair.row][0], 1e-12));
    }

    [Fact]
    public async Task PredictAsync_ObservedButNotAdapted_SaysToAdapt()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        await source.Task("t").ObserveAsync(problem.Rows(3));

        NotFoundException error = await Assert.ThrowsAsync<NotFoundException>(() => source.Task("t").PredictAsync(problem.NewInputs()));

        Assert.Equal("no posterior of task named 't'; adapt the task first.", error.Message);
    }

    [Fact]
    public async Task PredictAsync_WrongWidthNaNAndNoRows_Refused()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(problem.Rows(3));

        Assert.Equal(
            "inputs: their shape is [1, 3]; send [rows, 2] with at least one row.",
            (await Assert.ThrowsAsync<InvalidInputException>(() => task.PredictAsync(new Rows(1, 3, [1, 2, 3])))).Message);
        Assert.Equal(
            "inputs: row 0 (from 0), column 1 is NaN; send finite numbers.",
            (await Assert.ThrowsAsync<InvalidInputException>(() => task.PredictAsync(new Rows(1, 2, [1, double.NaN])))).Message);
        Assert.Equal(
            "inputs: their shape is [0, 2]; send [rows, 2] with at least one row.",
            (await Assert.ThrowsAsync<InvalidInputException>(() => task.PredictAsync(new Rows(0, 2, [])))).Message);
    }

    [Fact]
    public async Task PredictJointAsync_TooManyRowsOrSamples_Refused()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        TaskHandle task = source.Task("t");
        await task.AdaptAsync(problem.Rows(3));

        Assert.Equal(
            "inputs: 2001 rows times outputs are too many for a joint answer; send at most 2000.",
            (await Assert.ThrowsAsync<InvalidInputException>(() => task.PredictJointAsync(problem.NewInputs(2_001)))).Message);
        Assert.Equal(
            "samples: they are 1001; ask for 0 to 1000.",
            (await Assert.ThrowsAsync<InvalidInputException>(() => task.PredictJointAsync(problem.NewInputs(1), samples: 1_001))).Message);
        Assert.Equal(
            "samples: they are -1; ask for 0 to 1000.",
            (await Assert.ThrowsAsync<InvalidInputException>(() => task.PredictJointAsync(problem.NewInputs(1), samples: -1))).Message);
    }

    [Fact]
    public async Task PredictAsync_ManyTasksAtOnceBesideAdaptations_EachGetsItsOwnNumbers()
    {
        var problem = new Problem();
        SourceHandle source = await problem.RegisterAsync(shared.NewTenant());
        Rows at = problem.NewInputs(2);
        TaskRows[] tasks = [.. Enumerable.Range(0, 40).Select(i => new TaskRows($"t{i}", problem.Rows(4, seed: i)))];

        Prediction[] predictions = await Task.WhenAll(tasks.Select(async task =>
        {
            await source.Task(task.Task).AdaptAsync(task.Rows);
            return await source.Task(task.Task).PredictAsync(at);
        }));

        Assert.All(tasks.Zip(predictions), pair => Assert.All(
            problem.Expected(pair.First.Rows, at).Prediction.Mean.Values.Zip(pair.Second.Mean.Values),
            numbers => Assert.Equal(numbers.First, numbers.Second, 1e-12)));
    }
}
