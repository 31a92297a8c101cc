using System.Collections.Immutable;
using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Client.Tasks;

/// <summary>
/// Many tasks of a source, in a message for dozens of them. Whatever a message does not settle, a lost silo, a busy device, a task that is solved
/// iteratively, is asked again task by task: every call is idempotent.
/// </summary>
/// <param name="grains">The cluster.</param>
/// <param name="source">The source.</param>
internal sealed class TaskGroups(IGrainFactory grains, SourceKey source)
{
    private const int GroupSize = 64;

    /// <summary>A task with more numbers is a message of its own.</summary>
    private const int MaxElements = 4_096;

    /// <summary>The group of what goes alone.</summary>
    private const int Alone = -1;

    /// <summary>How long a busy cluster is waited for.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public IAsyncEnumerable<TaskOutcome> AdaptAsync(
        IEnumerable<TaskRows> tasks, AdaptOptions? options, int concurrency, CancellationToken cancellationToken)
    {
        return GroupedStreams.RunAsync(tasks, concurrency, GroupSize, GroupOf, SendAsync, cancellationToken);

        int GroupOf(TaskRows task) => options is null && task.Rows.Count > 0 && IsSmall(task.Rows.Inputs.Values.Length + task.Rows.Targets.Values.Length)
            ? PartOf(task.Task)
            : Alone;

        async Task<IReadOnlyList<TaskOutcome>> SendAsync(int part, IReadOnlyList<TaskRows> group, CancellationToken token)
        {
            ImmutableArray<TaskAdaptation> answers = part == Alone ? [] : await AskAsync(
                () => Group(part).AdaptAsync([.. group.Select(task => new TaskObservations(task.Task, ObservationBatches.Cut(task.Rows, null)[0]))], token), token);
            return await Task.WhenAll(group.Select((task, i) => answers.IsEmpty ? AloneAsync(task, token) : SettleAsync(task, answers[i], token)));
        }

        Task<TaskOutcome> SettleAsync(TaskRows task, TaskAdaptation answer, CancellationToken token) => answer switch
        {
            { Error.IsRetryable: true } or { Description.Status: not TargetTaskStatus.Ready } => AloneAsync(task, token),
            _ => Task.FromResult(new TaskOutcome(task.Task, answer.Description, answer.Error)),
        };

        async Task<TaskOutcome> AloneAsync(TaskRows task, CancellationToken token)
        {
            try
            {
                return new TaskOutcome(task.Task, await PatientlyAsync(() => Handle(task.Task).AdaptAsync(task.Rows, options, token), token), null);
            }
            catch (AdaptException error)
            {
                return new TaskOutcome(task.Task, null, error);
            }
        }
    }

    public IAsyncEnumerable<PredictionOutcome> PredictAsync(IEnumerable<TaskInputs> tasks, int concurrency, CancellationToken cancellationToken)
    {
        return GroupedStreams.RunAsync(
            tasks, concurrency, GroupSize, task => IsSmall(task.Inputs.Values.Length) ? PartOf(task.Task) : Alone, SendAsync, cancellationToken);

        async Task<IReadOnlyList<PredictionOutcome>> SendAsync(int part, IReadOnlyList<TaskInputs> group, CancellationToken token)
        {
            ImmutableArray<TaskPrediction> answers = part == Alone ? [] : await AskAsync(
                () => Group(part).PredictAsync([.. group.Select(task => new TaskQuery(task.Task, new PredictionRequest(Payloads.Of(task.Inputs))))], token), token);
            return await Task.WhenAll(group.Select((task, i) => answers.IsEmpty ? AloneAsync(task, token) : SettleAsync(task, answers[i], token)));
        }

        Task<PredictionOutcome> SettleAsync(TaskInputs task, TaskPrediction answer, CancellationToken token) => answer switch
        {
            { Error.IsRetryable: true } => AloneAsync(task, token),
            { Result: { } result } => Task.FromResult(new PredictionOutcome(task.Task, Prediction.From(result), null)),
            _ => Task.FromResult(new PredictionOutcome(task.Task, null, answer.Error)),
        };

        async Task<PredictionOutcome> AloneAsync(TaskInputs task, CancellationToken token)
        {
            try
            {
                return new PredictionOutcome(task.Task, await PatientlyAsync(() => Handle(task.Task).PredictAsync(task.Inputs, token), token), null);
            }
            catch (AdaptException error)
            {
                return new PredictionOutcome(task.Task, null, error);
            }
        }
    }

    // Nothing where the message got no answer: then each task is asked.
    private static async Task<ImmutableArray<T>> AskAsync<T>(Func<Task<ImmutableArray<T>>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && error is OrleansException or TimeoutException or AdaptException or ArgumentException)
        {
            // The last of them: silos of an earlier build have no groups.
            return [];
        }
    }

    // The device says when it may have room again.
    private static async Task<T> PatientlyAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (BusyException busy) when (System.Diagnostics.Stopwatch.GetElapsedTime(started) + busy.RetryAfter < s_patience)
            {
                await Task.Delay(busy.RetryAfter, cancellationToken);
            }
        }
    }

    private static bool IsSmall(int elements) => elements <= MaxElements;

    // A name that cannot be used is refused where it goes alone.
    private int PartOf(string task) => string.IsNullOrWhiteSpace(task) ? Alone : TaskIndexKey.For(new TaskKey(source.Tenant, source.Source, task)).Part;

    private ITaskGroupGrain Group(int part) => grains.GetGrain<ITaskGroupGrain>(new TaskIndexKey(source, part).ToString());

    private TaskHandle Handle(string task) => new(grains, new TaskKey(source.Tenant, source.Source, EntityName.Require(task, "task")));
}
