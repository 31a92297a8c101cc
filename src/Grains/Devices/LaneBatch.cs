namespace AdaptCluster.Grains.Devices;

/// <summary>Requests that one operation answers together. It takes more for as long as it waits; the lane closes it when its turn comes.</summary>
internal abstract class LaneBatch : LaneWork
{
    /// <summary>The most requests of one operation: what comes after waits for some milliseconds only.</summary>
    public const int MaxRequests = 256;

    /// <summary>The most work of one operation, some ten milliseconds.</summary>
    public const double MaxFlops = 5e8;

    public abstract LaneBatchKey Key { get; }

    /// <summary>Whether one more request may join.</summary>
    public bool HasRoom => Requests < MaxRequests && Flops < MaxFlops;
}

/// <inheritdoc/>
/// <param name="key">What the requests have in common.</param>
/// <param name="operation">Answers them, one outcome per request in their order.</param>
internal sealed class LaneBatch<TItem, TResult>(
    LaneBatchKey key, Func<LaneContext, IReadOnlyList<TItem>, IReadOnlyList<LaneOutcome<TResult>>> operation) : LaneBatch
{
    private readonly List<Request> _requests = [];
    private double _flops;

    public override LaneBatchKey Key => key;

    public override string Tenant => key.Tenant;

    public override double Flops => _flops;

    public override int Requests => _requests.Count;

    /// <summary>Adds a request; only while the batch waits.</summary>
    public Task<TResult> Add(TItem item, double flops, CancellationToken cancellationToken)
    {
        var request = new Request(item, cancellationToken);
        _requests.Add(request);
        _flops += flops;
        return request.Completion.Task;
    }

    public override void Run(LaneContext context)
    {
        var wanted = new List<Request>(_requests.Count);
        foreach (Request request in _requests)
        {
            if (request.Token.IsCancellationRequested)
            {
                request.Completion.SetCanceled(request.Token);
            }
            else
            {
                wanted.Add(request);
            }
        }

        Answer(context, wanted, _flops);
    }

    public override void Fail(Exception error) => _requests.ForEach(request => request.Completion.TrySetException(error));

    public override void Abandon() => _requests.ForEach(request => request.Completion.TrySetCanceled(CancellationToken.None));

    private void Answer(LaneContext context, List<Request> requests, double flops)
    {
        if (requests.Count == 0)
        {
            return;
        }

        try
        {
            context.Plan(flops);
            IReadOnlyList<LaneOutcome<TResult>> outcomes = operation(context, requests.ConvertAll(request => request.Item));
            for (int i = 0; i < requests.Count; i++)
            {
                requests[i].End(outcomes[i]);
            }
        }
        catch (Exception error) when (requests.Count == 1)
        {
            requests[0].End(new LaneOutcome<TResult>(default, error));
        }
        catch (Exception)
        {
            // The operation is to keep its requests' errors apart. Where it did not, each is asked alone, so that one cannot fail for another.
            foreach (Request request in requests)
            {
                Answer(context, [request], flops / requests.Count);
            }
        }
    }

    private sealed class Request(TItem item, CancellationToken token)
    {
        public TItem Item => item;

        public CancellationToken Token => token;

        // Continuations belong to their grain's scheduler, never to the lane.
        public TaskCompletionSource<TResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End(LaneOutcome<TResult> outcome)
        {
            if (outcome.Error is { } error)
            {
                Completion.TrySetException(LaneErrors.Translate(error));
            }
            else
            {
                Completion.TrySetResult(outcome.Value!);
            }
        }
    }
}
