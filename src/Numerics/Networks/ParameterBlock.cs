using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Networks;

/// <summary>One tensor of a network: a parameter (the unit that has its own prior scale) or a fixed one.</summary>
/// <param name="Name">"layers.0.weight", "layers.0.bias", ...</param>
/// <param name="Shape">[d_out, d_in] for a dense weight, [d_out, channels, kernel] for a convolution's; row-major.</param>
/// <param name="Offset">Its first element in the flat vector of all parameters, or of all fixed tensors.</param>
/// <param name="Count">Its number of elements.</param>
public sealed record ParameterBlock(string Name, ImmutableArray<int> Shape, int Offset, int Count)
{
    /// <inheritdoc/>
    public bool Equals(ParameterBlock? other) =>
        other is not null && Name == other.Name && Offset == other.Offset && Count == other.Count && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Offset, Count);
}
