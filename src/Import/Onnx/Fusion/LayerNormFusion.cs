using AdaptCluster.Import.Onnx.Operators;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Fusion;

/// <summary>
/// A layer norm in parts, as opsets before 17 have it: (x - mean) / sqrt(mean((x - mean)^2) + epsilon), then times a parameter, plus a
/// parameter. Fused only if nothing else reads the parts.
/// </summary>
internal static class LayerNormFusion
{
    internal static void Apply(FusionGraph graph)
    {
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            if (graph.Nodes[i] is ArithmeticNode { Function: ArithmeticFunction.Add } sum)
            {
                LayerNormNode? norm = Affine(graph, sum, sum.Inputs[0], sum.Inputs[1]) ?? Affine(graph, sum, sum.Inputs[1], sum.Inputs[0]);
                graph.Nodes[i] = norm is null ? sum : norm;
            }
        }
    }

    private static LayerNormNode? Affine(FusionGraph graph, ArithmeticNode sum, string scaled, string shift)
    {
        if (graph.Maker(shift) is not ParameterNode bias || !graph.IsReadOnce(scaled) || graph.Maker(scaled) is not ArithmeticNode { Function: ArithmeticFunction.Multiply } product)
        {
            return null;
        }

        return Scale(graph, sum, bias, product.Inputs[0], product.Inputs[1]) ?? Scale(graph, sum, bias, product.Inputs[1], product.Inputs[0]);
    }

    private static LayerNormNode? Scale(FusionGraph graph, ArithmeticNode sum, ParameterNode bias, string normal, string scale) =>
        graph.Maker(scale) is ParameterNode weight
        && graph.IsReadOnce(normal)
        && graph.Maker(normal) is ArithmeticNode { Function: ArithmeticFunction.Divide } quotient
        && Normal(graph, quotient) is { } found
        && weight.Shape.SequenceEqual(bias.Shape)
        && weight.Shape.SequenceEqual(graph.ShapeOf(found.X)[^found.Axes..])
            ? new LayerNormNode { Name = sum.Name, Inputs = [found.X], Axes = found.Axes, Epsilon = found.Epsilon, Weight = weight.Name, Bias = bias.Name }
            : null;

    private static (string X, int Axes, double Epsilon)? Normal(FusionGraph graph, ArithmeticNode quotient)
    {
        if (graph.Maker(quotient.Inputs[0]) is not ArithmeticNode { Function: ArithmeticFunction.Subtract } centred
            || graph.Maker(centred.Inputs[1]) is not ReduceNode { Function: Reduction.Mean, KeepsAxes: true } mean
            || mean.Inputs[0] != centred.Inputs[0]
            || !graph.IsReadOnce(mean.Name)
            || !graph.IsReadOnce(quotient.Inputs[1])
            || graph.Maker(quotient.Inputs[1]) is not ElementwiseNode { Function: ElementFunction.Sqrt } root
            || !graph.IsReadOnce(root.Inputs[0])
            || graph.Maker(root.Inputs[0]) is not ArithmeticNode { Function: ArithmeticFunction.Add } raised)
        {
            return null;
        }

        int constant = graph.Scalar(raised.Inputs[1]) is null ? 0 : 1;
        return graph.Scalar(raised.Inputs[constant]) is { } epsilon
            && epsilon >= 0
            && graph.IsReadOnce(raised.Inputs[1 - constant])
            && graph.Maker(raised.Inputs[1 - constant]) is ReduceNode { Function: Reduction.Mean, KeepsAxes: true } variance
            && graph.IsReadOnce(variance.Inputs[0])
            && graph.Maker(variance.Inputs[0]) is ElementwiseNode { Function: ElementFunction.Square } square
            && square.Inputs[0] == centred.Name
            && graph.Readers(centred.Name) == 2
            && variance.Axes.SequenceEqual(mean.Axes)
            && AreLast(graph, mean)
                ? (mean.Inputs[0], mean.Axes.Length, Decimals.Of(epsilon))
                : null;
    }

    private static bool AreLast(FusionGraph graph, ReduceNode mean) =>
        mean.Axes.SequenceEqual(Enumerable.Range(graph.ShapeOf(mean.Inputs[0]).Length - mean.Axes.Length, mean.Axes.Length));
}
