using System.Collections.Concurrent;
using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>Gets between a solve's coordinator and one of its shards, at the product of a given number; counts what passes.</summary>
/// <param name="shard">Which shard.</param>
/// <param name="product">Its how manieth product, from 1.</param>
internal sealed class ShardFaults(int shard, int product) : IDisposable
{
    private readonly ConcurrentDictionary<long, int> _products = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begins;
    private int _done;

    /// <summary>What happens instead of the call; its second argument says whether it is the first time.</summary>
    public required Func<IIncomingGrainCallContext, bool, Task> Fault { get; init; }

    /// <summary>Whether it happens once, rather than from then on.</summary>
    public bool Once { get; init; } = true;

    /// <summary>How often the shard was asked to begin.</summary>
    public int Begins => _begins;

    /// <summary>Completes with the fault.</summary>
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets nobody hear of the call until the end of the test.</summary>
    public async Task LoseAsync()
    {
        await _end.Task;
        throw new TimeoutException("The message was lost.");
    }

    public Task Between(IIncomingGrainCallContext call)
    {
        if (call.MethodName != nameof(IJacobianShardGrain.AskAsync) || SolveSilo.ShardOf(call) != shard)
        {
            return call.Invoke();
        }

        var question = (ShardQuestionMessage)call.Request.GetArgument(0)!;
        if (question.Question == ShardQuestionKind.Begin)
        {
            Interlocked.Increment(ref _begins);
        }

        bool isLast = question.Part == question.Parts - 1;
        if (question.Question != ShardQuestionKind.Apply || !isLast)
        {
            return call.Invoke();
        }

        int number = _products.GetOrAdd(question.Sequence, _ => _products.Count + 1);
        if (number < product || (Once && Interlocked.Exchange(ref _done, 1) == 1))
        {
            return call.Invoke();
        }

        bool isFirst = Reached.TrySetResult();
        return Fault(call, isFirst);
    }

    public void Dispose() => _end.TrySetResult();
}
