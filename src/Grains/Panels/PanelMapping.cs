using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Panels;

namespace AdaptCluster.Grains.Panels;

/// <summary>From the durable state to what is told.</summary>
internal static class PanelMapping
{
    /// <summary>Describes a panel.</summary>
    /// <param name="key">Which.</param>
    /// <param name="state">Its durable state.</param>
    /// <param name="isSolving">Whether a block is under way.</param>
    /// <param name="isQuarantined">Whether no other attempt is allowed, once none is under way.</param>
    public static PanelDescription Describe(PanelKey key, PanelState state, bool isSolving, bool isQuarantined)
    {
        int stale = state.Targets.Count(target => target.Status == PanelTargetStatus.Stale);
        return new PanelDescription
        {
            Name = key.Panel,
            Source = key.Source,
            Status = isSolving ? PanelStatus.Solving
                : isQuarantined ? PanelStatus.Quarantined
                : state.Failure is not null ? PanelStatus.Failed
                : state.Targets.IsEmpty ? PanelStatus.Empty
                : stale > 0 ? PanelStatus.Stale : PanelStatus.Ready,
            Inputs = state.Inputs,
            Targets = state.Targets.Length,
            Ready = state.Targets.Count(target => target.Status == PanelTargetStatus.Ready),
            Stale = stale,
            NotConverged = state.Targets.Count(target => target.Status == PanelTargetStatus.NotConverged),
            LastSolve = state.LastSolve,
            Failure = state.Failure,
        };
    }
}
