using System.Runtime.ExceptionServices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Numerics.Baselines;
using AdaptCluster.Numerics.Errors;

namespace AdaptCluster.Grains.Devices;

/// <summary>
/// Long work of a thread of its own, slice by slice on the device lane. The thread waits for its slice, and while the lane's queue is full: holding up
/// nobody. Never call it from a grain's scheduler.
/// </summary>
internal sealed class LaneSlices(DeviceLane lane, TimeProvider clock, CancellationToken cancellationToken) : IComputeSlices
{
    public T Run<T>(double flops, Func<T> work) => Wait(LanePriority.Background, flops, work, cancellationToken);

    public void Release(Action free) => Wait(
        LanePriority.Interactive,
        0,
        () =>
        {
            free();
            return true;
        },
        CancellationToken.None);

    private T Wait<T>(LanePriority priority, double flops, Func<T> work, CancellationToken token)
    {
        while (true)
        {
            try
            {
                Outcome<T> outcome = lane.RunAsync(priority, context => Compute(context, flops, work), token).GetAwaiter().GetResult();
                outcome.Failure?.Throw();
                return outcome.Value!;
            }
            catch (BusyException error)
            {
                Task.Delay(error.RetryAfter, clock, token).GetAwaiter().GetResult();
            }
        }
    }

    private static Outcome<T> Compute<T>(LaneContext context, double flops, Func<T> work)
    {
        try
        {
            context.Plan(flops);
            return new Outcome<T>(work(), null);
        }
        catch (NumericsException error)
        {
            // For the work to judge, an optimiser's trial for example: no error of the lane's.
            return new Outcome<T>(default, ExceptionDispatchInfo.Capture(error));
        }
    }

    private sealed record Outcome<T>(T? Value, ExceptionDispatchInfo? Failure);
}
