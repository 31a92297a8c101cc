using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Reading;

namespace AdaptCluster.Import.Onnx.Conversion;

/// <summary>
/// Which parameters the network stores transposed: matrices [inputs, outputs] that nothing but MatMul and Gemm multiplies by, because
/// a linear node keeps [outputs, inputs].
/// </summary>
internal static class TransposedWeights
{
    internal static HashSet<string> Of(OnnxGraph graph, ImmutableArray<OnnxNode> nodes)
    {
        var matrices = graph.Initializers.Where(t => t.Value.IsFloat && t.Value.Shape.Length == 2).Select(t => t.Key).ToHashSet(StringComparer.Ordinal);
        var transposed = new HashSet<string>(StringComparer.Ordinal);
        var others = new HashSet<string>(StringComparer.Ordinal);
        foreach (OnnxNode node in nodes)
        {
            if (node.Type == "Identity" && node.Inputs.Count == 1 && node.Outputs.Count == 1 && matrices.Contains(node.Inputs[0]))
            {
                matrices.Add(node.Outputs[0]); // a parameter of its own
                continue;
            }

            for (int i = 0; i < node.Inputs.Count; i++)
            {
                bool multiplies = i == 1 && (node.Type == "MatMul" || (node.Type == "Gemm" && node.Integer("transB", 0) == 0));
                (multiplies ? transposed : others).Add(node.Inputs[i]);
            }
        }

        transposed.ExceptWith(others);
        transposed.IntersectWith(matrices);
        return transposed;
    }
}
