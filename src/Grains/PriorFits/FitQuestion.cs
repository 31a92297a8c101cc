using AdaptCluster.Numerics.FleetPriors;
using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>One evaluation that the optimiser's thread waits for.</summary>
/// <param name="Prior">Where.</param>
/// <param name="HeldOut">Tasks that are scored, but are in no sum.</param>
/// <param name="Bytes">The question as the parts get it.</param>
/// <param name="Name">What tells it from others.</param>
internal sealed record FitQuestion(Prior Prior, IReadOnlySet<int> HeldOut, byte[] Bytes, long Name)
{
    /// <summary>The sum of the parts' answers.</summary>
    public TaskCompletionSource<FleetEvidenceValue> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
