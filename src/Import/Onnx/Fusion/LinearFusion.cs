using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Fusion;

/// <summary>A product with a parameter and the sum with another, both used here only: one linear node with a bias.</summary>
internal static class LinearFusion
{
    internal static void Apply(FusionGraph graph)
    {
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            if (graph.Nodes[i] is not ArithmeticNode { Function: ArithmeticFunction.Add } sum)
            {
                continue;
            }

            LinearNode? linear = Fuse(graph, sum, sum.Inputs[0], sum.Inputs[1]) ?? Fuse(graph, sum, sum.Inputs[1], sum.Inputs[0]);
            graph.Nodes[i] = linear is null ? sum : linear;
        }
    }

    private static LinearNode? Fuse(FusionGraph graph, ArithmeticNode sum, string product, string bias) =>
        graph.IsReadOnce(product)
        && graph.Maker(product) is LinearNode { HasBias: false } linear
        && graph.OwnParameter(bias) is { } parameter
        && parameter.Shape.SequenceEqual([linear.Outputs])
            ? linear with { Name = sum.Name, HasBias = true, Bias = parameter.Name }
            : null;
}
