using System.Diagnostics;
using AdaptCluster.Bench.Clusters;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Bench.Scale;

/// <summary>Many small tasks, and what each said the first time it was asked.</summary>
/// <param name="count">How many.</param>
internal sealed class TaskFleet(int count)
{
    /// <summary>Rows of a task.</summary>
    public const int Rows = 32;

    private const int Chunk = 1_000;
    private const int Callers = 64;
    private const int Compared = 50;
    private const int ToldEvery = 10_000;

    private static readonly Rows s_probe = GeneratedSource.Rows(2, seed: 99).Inputs;

    private readonly double[][] _answers = new double[count][];

    /// <summary>Tasks that could not be adapted.</summary>
    public int Failed { get; private set; }

    /// <summary>Why the first of them was not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Creates and adapts all, and asks each once.</summary>
    /// <returns>Seconds of creating and adapting, and of asking.</returns>
    public async Task<(double Adapting, double Asking)> CreateAsync(SourceHandle source, CancellationToken cancellationToken)
    {
        (double adapting, double asking) = (0, 0);
        for (int first = 0; first < count; first += Chunk)
        {
            int[] tasks = [.. Enumerable.Range(first, Math.Min(Chunk, count - first))];
            TaskRows[] rows = [.. tasks.Select(task => new TaskRows(Name(task), RowsOf(task)))];
            long started = Stopwatch.GetTimestamp();
            await foreach (TaskOutcome outcome in source.AdaptManyAsync(rows, cancellationToken: cancellationToken))
            {
                Failed += outcome.Error is null ? 0 : 1;
                Failure ??= outcome.Error?.Message;
            }

            adapting += Stopwatch.GetElapsedTime(started).TotalSeconds;
            started = Stopwatch.GetTimestamp();
            await ForEachAsync(tasks, async (task, token) => _answers[task] = await AskAsync(source, task, token), cancellationToken);
            asking += Stopwatch.GetElapsedTime(started).TotalSeconds;
            if ((first + tasks.Length) % ToldEvery == 0)
            {
                await Console.Error.WriteLineAsync($"scale: {first + tasks.Length:N0} tasks after {adapting:0} s, asked in {asking:0} s");
            }
        }

        return (adapting, asking);
    }

    /// <summary>Asks all again.</summary>
    /// <returns>How many say something else than the first time, and the seconds that it took.</returns>
    public async Task<(int Wrong, double Seconds)> AskAgainAsync(SourceHandle source, CancellationToken cancellationToken)
    {
        int wrong = 0;
        long started = Stopwatch.GetTimestamp();
        await ForEachAsync(
            Enumerable.Range(0, count),
            async (task, token) =>
            {
                if (!IsSame(_answers[task], await AskAsync(source, task, token)))
                {
                    Interlocked.Increment(ref wrong);
                }
            },
            cancellationToken);
        return (wrong, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Asks one.</summary>
    public static Task AskFirstAsync(SourceHandle source, CancellationToken cancellationToken) => AskAsync(source, 0, cancellationToken);

    /// <summary>Has some read from the store without anything being computed.</summary>
    public static Task TouchAsync(SourceHandle source, int first, int tasks, CancellationToken cancellationToken) => ForEachAsync(
        Enumerable.Range(first, tasks), (task, token) => new ValueTask(source.Task(Name(task)).DescribeAsync(token)), cancellationToken);

    /// <summary>Compares some first answers with what the mathematics says of their rows.</summary>
    /// <returns>How many are wrong.</returns>
    public int Verify() => Enumerable.Range(0, Math.Min(Compared, count)).Select(i => (int)((long)i * count / Math.Min(Compared, count))).Count(task =>
    {
        (double[] mean, double[] variance) = GeneratedSource.Reference(RowsOf(task), s_probe);
        return !IsSame([.. mean, .. variance], _answers[task]);
    });

    private static string Name(int task) => $"customer {task:000000}";

    private static LabelledRows RowsOf(int task) => GeneratedSource.Rows(Rows, seed: task);

    private static async Task<double[]> AskAsync(SourceHandle source, int task, CancellationToken cancellationToken)
    {
        Prediction prediction = await source.Task(Name(task)).PredictAsync(s_probe, cancellationToken);
        return [.. prediction.Mean.Values, .. prediction.LatentVariance.Values];
    }

    private static Task ForEachAsync(IEnumerable<int> tasks, Func<int, CancellationToken, ValueTask> call, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(tasks, new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellationToken }, call);

    // Who else was computed with it moves the last bits alone.
    private static bool IsSame(double[] expected, double[] actual)
    {
        const double tolerance = 1e-7;
        return expected.Length == actual.Length
            && expected.Zip(actual).All(pair => Math.Abs(pair.First - pair.Second) <= tolerance * (1 + Math.Abs(pair.First)));
    }
}
