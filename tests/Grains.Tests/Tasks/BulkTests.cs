using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;
using AdaptCluster.Grains.Tests.Support;

namespace AdaptCluster.Grains.Tests.Tasks;

[Collection(nameof(SharedSilo))]
public sealed class BulkTests(SharedSilo shared)
{
    private readonly Problem _problem = new();

    [Fact]
    public async Task AdaptManyAsync_BadTasksAmongGood_TheOthersAreAdapted()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        LabelledRows infinite = _problem.Rows(4);
        infinite.Targets.Values[1] = double.PositiveInfinity;
        TaskRows[] tasks =
        [
            .. Enumerable.Range(0, 30).Select(i => new TaskRows($"good {i}", _problem.Rows(3 + (i % 4), seed: i))),
            new TaskRows("one row", _problem.Rows(1)),
            new TaskRows("infinite", infinite),
            new TaskRows("too wide", new Problem(inputs: 3).Rows(4)),
            new TaskRows("  ", _problem.Rows(4)),
            new TaskRows("empty", _problem.Rows(0)),
        ];

        var outcomes = new Dictionary<string, TaskOutcome>();
        await foreach (TaskOutcome outcome in source.AdaptManyAsync(tasks, concurrency: 8))
        {
            outcomes.Add(outcome.Task, outcome);
        }

        Assert.Equal(tasks.Select(task => task.Task).Order(), outcomes.Keys.Order());
        Assert.All(tasks[..30], task => Assert.Equal(
            (TargetTaskStatus.Ready, task.Rows.Count), (outcomes[task.Task].Description!.Status, outcomes[task.Task].Description!.Observations)));
        Assert.All(tasks[30..], task => Assert.IsType<InvalidInputException>(outcomes[task.Task].Error));
        Assert.All(outcomes.Values, outcome => Assert.True(outcome.Error is null != outcome.Description is null, outcome.ToString()));
        Assert.Equal(tasks[..30].Select(task => task.Task).Order(StringComparer.Ordinal), await source.ListTaskNamesAsync());
    }

    [Fact]
    public async Task AdaptManyAsync_LeftEarly_TakesNoMoreAndWhatWasToldIsDurable()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        int taken = 0;
        IEnumerable<TaskRows> Endless()
        {
            while (true)
            {
                taken++;
                yield return new TaskRows($"t{taken}", _problem.Rows(4, seed: taken));
            }
        }

        var told = new List<string>();
        await foreach (TaskOutcome outcome in source.AdaptManyAsync(Endless(), concurrency: 4))
        {
            told.Add(outcome.Task);
            if (told.Count == 3)
            {
                break;
            }
        }

        int takenAtTheEnd = taken;
        Assert.InRange(takenAtTheEnd, 3, 20);
        Assert.All(await Task.WhenAll(told.Select(name => source.Task(name).DescribeAsync())), task => Assert.Equal(TargetTaskStatus.Ready, task.Status));
        await source.ListTaskNamesAsync();
        Assert.Equal(takenAtTheEnd, taken);
    }

    [Fact]
    public async Task AdaptManyAsync_TheSequenceOfTasksFails_ItsErrorIsTheCallers()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        IEnumerable<TaskRows> Failing()
        {
            yield return new TaskRows("t", _problem.Rows(4));
            throw new InvalidDataException("line 7");
        }

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (TaskOutcome outcome in source.AdaptManyAsync(Failing()))
            {
                Assert.Equal("t", outcome.Task);
            }
        });

        Assert.Equal("line 7", error.Message);
    }

    [Fact]
    public async Task AdaptManyAsync_Cancelled_Ends()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        using var cancel = new CancellationTokenSource();
        IEnumerable<TaskRows> tasks = Enumerable.Range(0, int.MaxValue).Select(i => new TaskRows($"t{i}", _problem.Rows(4, seed: i)));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (TaskOutcome outcome in source.AdaptManyAsync(tasks, 4, cancel.Token))
            {
                await cancel.CancelAsync();
            }
        });
    }

    [Fact]
    public async Task PredictManyAsync_GoodAndBadTasks_EachIsWhatItIsAlone()
    {
        SourceHandle source = await _problem.RegisterAsync(shared.NewTenant());
        TaskRows[] tasks = [.. Enumerable.Range(0, 90).Select(i => new TaskRows($"t{i}", _problem.Rows(3 + (i % 5), seed: i)))];
        await foreach (TaskOutcome outcome in source.AdaptManyAsync(tasks))
        {
            Assert.Null(outcome.Error);
        }

        TaskInputs[] asked =
        [
            .. tasks.Select((task, i) => new TaskInputs(task.Task, _problem.Rows(1 + (i % 4), seed: i).Inputs)),
            new TaskInputs("t3", _problem.NewInputs(900)),
            new TaskInputs("nobody", _problem.NewInputs(2)),
            new TaskInputs("  ", _problem.NewInputs(2)),
            new TaskInputs("t4", new Problem(inputs: 3).NewInputs(2)),
        ];
        var outcomes = new List<PredictionOutcome>();
        await foreach (PredictionOutcome outcome in source.PredictManyAsync(asked))
        {
            outcomes.Add(outcome);
        }

        Assert.Equal(asked.Select(task => task.Task).Order(), outcomes.Select(outcome => outcome.Task).Order());
        Assert.IsType<NotFoundException>(outcomes.Single(outcome => outcome.Task == "nobody").Error);
        Assert.IsType<InvalidInputException>(outcomes.Single(outcome => outcome.Task == "  ").Error);
        Assert.IsType<InvalidInputException>(outcomes.Single(outcome => outcome.Task == "t4" && outcome.Error is not null).Error);
        foreach (PredictionOutcome outcome in outcomes.Where(outcome => outcome.Error is null))
        {
            Rows inputs = asked.Single(task => task.Task == outcome.Task && task.Inputs.Width == _problem.Inputs && task.Inputs.Count == outcome.Prediction!.Mean.Count).Inputs;
            Prediction alone = await source.Task(outcome.Task).PredictAsync(inputs);
            Near(alone.Mean.Values, outcome.Prediction!.Mean.Values);
            Near(alone.LatentVariance.Values, outcome.Prediction.LatentVariance.Values);
            Assert.Equal(alone.Version, outcome.Prediction.Version);
        }
    }

    // Sums in another order: a batch of many rows and one of few.
    private static void Near(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * Math.Max(1, Math.Abs(pair.First))));
}
