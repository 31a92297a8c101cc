using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Numerics.Errors;

namespace AdaptCluster.Grains.Devices;

/// <summary>One operation that waits for the device, with the promise of its result.</summary>
internal abstract class LaneWork
{
    public abstract void Run(LaneContext context);

    public abstract void Abandon();

    public abstract void Fail(Exception error);
}

/// <inheritdoc/>
internal sealed class LaneWork<TResult>(Func<LaneContext, TResult> operation, CancellationToken cancellationToken) : LaneWork
{
    // Continuations belong to their grain's scheduler, never to the lane.
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

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
        catch (InvalidIndexException error)
        {
            _completion.SetException(new InvalidInputException("inputs", error.Message.TrimEnd('.'), "nothing was changed"));
        }
        catch (NumericsException error)
        {
            _completion.SetException(new AdaptationFailedException(error.Message));
        }
        catch (Exception error)
        {
            // Whatever it is belongs to the caller who awaits it; the lane goes on.
            _completion.SetException(error);
        }
    }

    public override void Fail(Exception error) => _completion.TrySetException(error);

    public override void Abandon() => _completion.TrySetCanceled(CancellationToken.None);
}
