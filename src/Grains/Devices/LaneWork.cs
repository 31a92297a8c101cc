namespace AdaptCluster.Grains.Devices;

/// <summary>One operation that waits for the device, with the promise of its result.</summary>
internal abstract class LaneWork
{
    /// <summary>Whose it is.</summary>
    public abstract string Tenant { get; }

    /// <summary>About how many floating-point operations it has.</summary>
    public abstract double Flops { get; }

    /// <summary>How many requests it answers.</summary>
    public virtual int Requests => 1;

    public abstract void Run(LaneContext context);

    public abstract void Abandon();

    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
internal sealed class LaneWork<TResult>(LaneShare share, Func<LaneContext, TResult> operation, CancellationToken cancellationToken) : LaneWork
{
    // Continuations belong to their grain's scheduler, never to the lane.
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override string Tenant => share.Tenant;

    public override double Flops => share.Flops;

    public Task<TResult> Completion => _completion.Task;

    public override void Run(LaneContext context)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            _completion.SetCanceled(cancellationToken);
            return;
        }

        try
        {
            context.Plan(flops: 0);
            _completion.SetResult(operation(context));
        }
        catch (Exception error)
        {
            // Whatever it is belongs to the caller who awaits it; the lane goes on.
            _completion.SetException(LaneErrors.Translate(error));
        }
    }

    public override void Fail(Exception error) => _completion.TrySetException(error);

    public override void Abandon() => _completion.TrySetCanceled(CancellationToken.None);
}
