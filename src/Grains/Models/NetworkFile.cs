using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Grains.Models;

/// <summary>What a model file was found to hold.</summary>
/// <param name="Weights">The network with its weights; null for a program, which only the device lane loads.</param>
/// <param name="WholeInputs">The names of inputs that are whole numbers.</param>
internal sealed record NetworkFile(NetworkWeights? Weights, ImmutableArray<string> WholeInputs);
