using AdaptCluster.Cli.Output;
using AdaptCluster.Client;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Demo;

/// <summary>What both acts do with the cluster, each step under a progress bar and with its time taken.</summary>
/// <param name="Client">The tenant's view of the cluster.</param>
/// <param name="Output">Where progress is shown.</param>
/// <param name="Seconds">Where times are kept.</param>
/// <param name="Seed">Seeds everything random.</param>
/// <param name="CancellationToken">Stops.</param>
internal sealed record DemoStage(AdaptClient Client, CommandOutput Output, DemoSeconds Seconds, int Seed, CancellationToken CancellationToken)
{
    private const int PredictionsInFlight = 16;

    public Task<SourceDescription> TrainAsync(
        string act, SourceHandle source, LabelledRows rows, InputSchema schema, string target, TrainingOptions options) =>
        StepAsync($"{act}Train", $"{act}: training on {rows.Count:N0} rows", report => source.TrainAsync(
            rows,
            schema,
            [target],
            options,
            new InlineProgress<TrainingUpdate>(update => report(
                (double)update.Epoch / update.Epochs, $"epoch {update.Epoch}, held-out loss {update.ValidationLoss:0.000}")),
            CancellationToken));

    public Task<PriorDescription> FitPriorAsync(string act, SourceHandle source, IReadOnlyList<TaskRows> fleet, PriorFitOptions options) =>
        StepAsync($"{act}Prior", $"{act}: fleet prior of {fleet.Count:N0} tasks", report => source.FitPriorAsync(
            fleet,
            options,
            new InlineProgress<PriorFitUpdate>(update => report(
                Math.Min(1, (double)update.Evaluation / options.MaxIterations),
                $"evaluation {update.Evaluation}, {update.LogEvidencePerRow:0.000} nats a row")),
            CancellationToken));

    /// <summary>Adapts all tasks.</summary>
    /// <returns>The wall-clock seconds from the first call to the last acknowledgement.</returns>
    /// <exception cref="Grains.Interfaces.Errors.AdaptException">A task failed.</exception>
    public Task<double> AdaptAsync(string act, SourceHandle source, IReadOnlyList<TaskRows> tasks) =>
        StepAsync($"{act}Adapt", $"{act}: adapting {tasks.Count} tasks of {tasks[0].Rows.Count} rows", async report =>
        {
            long started = System.Diagnostics.Stopwatch.GetTimestamp();
            int done = 0;
            await foreach (TaskOutcome outcome in source.AdaptManyAsync(tasks, cancellationToken: CancellationToken))
            {
                if (outcome.Error is not null)
                {
                    throw outcome.Error;
                }

                report((double)++done / tasks.Count, $"{done} acknowledged");
            }

            return System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds;
        });

    /// <summary>Predicts and scores each item, several at a time.</summary>
    /// <returns>One result per item, in their order.</returns>
    public Task<TResult[]> PredictAsync<TItem, TResult>(string act, IReadOnlyList<TItem> items, Func<TItem, Task<TResult>> predict) =>
        StepAsync($"{act}Predict", $"{act}: predicting {items.Count} tasks", async report =>
        {
            var results = new TResult[items.Count];
            int done = 0;
            await Parallel.ForAsync(
                0,
                items.Count,
                new ParallelOptions { MaxDegreeOfParallelism = PredictionsInFlight, CancellationToken = CancellationToken },
                async (index, _) =>
                {
                    results[index] = await predict(items[index]);
                    int count = Interlocked.Increment(ref done);
                    report((double)count / items.Count, $"{count} done");
                });
            return results;
        });

    private Task<T> StepAsync<T>(string name, string title, Func<Action<double, string>, Task<T>> operation) =>
        Seconds.MeasureAsync(name, () => ProgressBars.RunAsync(Output, title, operation));
}
