using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>
/// Numbers that native calls read, alive as long as the process. TorchSharp makes one for every sum without a factor, and it may be finalised while the call
/// still reads it: on overloaded cores that is an internal error once in some ten thousand steps of a solve.
/// </summary>
internal static class Scalars
{
    internal static readonly Scalar One = 1;
}
