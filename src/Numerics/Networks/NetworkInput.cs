using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Networks;

/// <summary>One input of a network. A row of data is all inputs one after the other, each row-major.</summary>
/// <param name="Name">How nodes refer to it.</param>
/// <param name="Shape">The shape for one row, without the axis of rows: [16] for 16 numbers, [3, 32, 32] for an image.</param>
public sealed record NetworkInput(string Name, ImmutableArray<int> Shape);
