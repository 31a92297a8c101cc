using System.Collections.Frozen;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Grains.Admission;

/// <summary>Refuses calls of tasks that are active while the silo has too much to do.</summary>
internal sealed class AdmissionFilter(SiloLoad load) : IIncomingGrainCallFilter
{
    private static readonly FrozenSet<string> s_work = FrozenSet.Create(
        StringComparer.Ordinal,
        nameof(ITargetTaskGrain.ObserveAsync), nameof(ITargetTaskGrain.AdaptAsync), nameof(ITargetTaskGrain.PredictAsync), nameof(ITargetTaskGrain.WeighAsync));

    /// <exception cref="Interfaces.Errors.BusyException">There is too much to do.</exception>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is Tasks.TargetTaskGrain && s_work.Contains(context.MethodName))
        {
            load.RequireRoom();
        }

        return context.Invoke();
    }
}
