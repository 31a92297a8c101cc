using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Solves;

/// <summary>Background work on the lane that waits while its queue is full: a matter of time, which a solve has.</summary>
internal static class PatientLane
{
    public static async Task<T> RunAsync<T>(DeviceLane lane, Func<LaneContext, T> operation, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await lane.RunAsync(LanePriority.Background, operation, cancellationToken);
            }
            catch (BusyException error)
            {
                await Task.Delay(error.RetryAfter, clock, cancellationToken);
            }
        }
    }
}
