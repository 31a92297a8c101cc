using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Numerics.Adaptation;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.Tasks;

/// <summary>A refined solve on the lane.</summary>
internal sealed class RefinedRun(DeviceLane lane, TimeProvider clock)
{
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(25);

    /// <summary>Solves a part at a time, so that others go in between; what that gives is used within the last part.</summary>
    /// <param name="model">The source.</param>
    /// <param name="data">The task.</param>
    /// <param name="prior">The task's own prior.</param>
    /// <param name="use">What is done with the posterior; it owns it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AdaptationFailedException">fp32 is not enough.</exception>
    public async Task<(T Made, TimeSpan Elapsed)> RunAsync<T>(
        SourceModel model, TaskData data, Prior prior, Func<LaneContext, TaskPosterior, T> use, CancellationToken cancellationToken)
    {
        long started = clock.GetTimestamp();
        RefinedFit? fit = null;
        double flops = TaskPosterior.FlopsToFit(model.Spec, prior, data.Rows);
        try
        {
            fit = await lane.RunAsync(LanePriority.Background, context => RefinedFit.Start(model, context.Device, data, prior), cancellationToken);
            while (true)
            {
                (bool isDone, T? made) = await lane.RunAsync(
                    LanePriority.Background,
                    context =>
                    {
                        context.Plan(flops);
                        return fit.Advance(s_slice) ? (true, use(context, fit.Take())) : (false, default(T));
                    },
                    cancellationToken);
                if (isDone)
                {
                    return (made!, clock.GetElapsedTime(started));
                }
            }
        }
        finally
        {
            await lane.RunAsync(LanePriority.Interactive, _ => fit?.Dispose(), CancellationToken.None);
        }
    }
}
