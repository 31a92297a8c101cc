using Orleans.Serialization.Cloning;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Within a process the same instance is passed on.</summary>
[RegisterCopier]
public sealed class SolvePayloadCopier : IDeepCopier<SolvePayload>, IOptionalDeepCopier
{
    /// <inheritdoc/>
    public SolvePayload? DeepCopy(SolvePayload? input, CopyContext context) => input;

    /// <inheritdoc/>
    public bool IsShallowCopyable() => true;
}
