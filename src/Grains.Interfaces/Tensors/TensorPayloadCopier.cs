using Orleans.Serialization.Cloning;

namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>A payload is immutable: within a process the same instance is passed on.</summary>
[RegisterCopier]
public sealed class TensorPayloadCopier : IDeepCopier<TensorPayload>, IOptionalDeepCopier
{
    /// <inheritdoc/>
    public TensorPayload? DeepCopy(TensorPayload? input, CopyContext context) => input;

    /// <inheritdoc/>
    public bool IsShallowCopyable() => true;
}
