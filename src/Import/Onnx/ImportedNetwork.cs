using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Import.Onnx;

/// <summary>A network that was read from an ONNX file.</summary>
/// <param name="Weights">The network and its tensors; parameters have the names of the file's tensors.</param>
/// <param name="Opset">The version of the operators in the file.</param>
/// <param name="WholeInputs">The names of inputs that the file declares as whole numbers.</param>
public sealed record ImportedNetwork(NetworkWeights Weights, int Opset, ImmutableArray<string> WholeInputs);
