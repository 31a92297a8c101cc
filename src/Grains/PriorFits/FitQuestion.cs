using AdaptCluster.Numerics.Priors;

namespace AdaptCluster.Grains.PriorFits;

/// <summary>One question that the optimiser's thread waits for.</summary>
/// <param name="Kind">What is asked for.</param>
/// <param name="Prior">Where.</param>
/// <param name="HeldOut">Tasks that are scored, but are in no sum.</param>
/// <param name="Bytes">The question as the parts get it.</param>
/// <param name="Name">What tells it from others.</param>
internal sealed record FitQuestion(EvidenceKind Kind, Prior Prior, IReadOnlySet<int> HeldOut, byte[] Bytes, long Name)
{
    /// <summary>The parts' answers as one: evidence summed, spectra one after the other.</summary>
    public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
