using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Fusion;

/// <summary>x sigmoid(x) is SiLU; x (1 + erf(x / sqrt 2)) / 2, as PyTorch orders it, is GELU: one node, without the rounding of sqrt 2 to 32 bits.</summary>
internal static class ActivationFusion
{
    internal static void Apply(FusionGraph graph)
    {
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            if (graph.Nodes[i] is ArithmeticNode { Function: ArithmeticFunction.Multiply } product)
            {
                ActivationNode? activation = Silu(graph, product, product.Inputs[0], product.Inputs[1])
                    ?? Silu(graph, product, product.Inputs[1], product.Inputs[0])
                    ?? Gelu(graph, product, product.Inputs[0], product.Inputs[1])
                    ?? Gelu(graph, product, product.Inputs[1], product.Inputs[0]);
                graph.Nodes[i] = activation is null ? product : activation;
            }
        }
    }

    private static ActivationNode? Silu(FusionGraph graph, ArithmeticNode product, string x, string gate) =>
        graph.Maker(gate) is ActivationNode { Function: Activation.Sigmoid } sigmoid && sigmoid.Inputs[0] == x
            ? new ActivationNode { Name = product.Name, Inputs = [x], Function = Activation.SiLU }
            : null;

    // 0.5 (x (1 + erf(x / sqrt 2)))
    private static ActivationNode? Gelu(FusionGraph graph, ArithmeticNode product, string inner, string half)
    {
        if (!IsScalar(graph, half, 0.5f) || graph.Maker(inner) is not ArithmeticNode { Function: ArithmeticFunction.Multiply } scaled)
        {
            return null;
        }

        for (int side = 0; side < 2; side++)
        {
            string x = scaled.Inputs[side];
            if (graph.Maker(scaled.Inputs[1 - side]) is ArithmeticNode { Function: ArithmeticFunction.Add } raised
                && ErrorFunction(graph, raised) is { } error
                && graph.Maker(error.Inputs[0]) is ArithmeticNode { Function: ArithmeticFunction.Divide } quotient
                && quotient.Inputs[0] == x
                && IsScalar(graph, quotient.Inputs[1], 1.4142135f))
            {
                return new ActivationNode { Name = product.Name, Inputs = [x], Function = Activation.GELU };
            }
        }

        return null;
    }

    private static ElementwiseNode? ErrorFunction(FusionGraph graph, ArithmeticNode raised)
    {
        int one = IsScalar(graph, raised.Inputs[0], 1) ? 0 : 1;
        return IsScalar(graph, raised.Inputs[one], 1) ? graph.Maker(raised.Inputs[1 - one]) as ElementwiseNode is { Function: ElementFunction.Erf } erf ? erf : null : null;
    }

    // Within the rounding to 32 bits, and of no more axes than what it meets.
    private static bool IsScalar(FusionGraph graph, string value, float wanted) =>
        graph.Scalar(value) is { } number && Math.Abs(number - wanted) <= 2e-7f * wanted && graph.Maker(value) is ConstantNode { Shape.IsEmpty: true };
}
