using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.Jacobians.Kinds;

/// <summary>One parameter in several places, in the same role and in different ones.</summary>
public sealed class SharingSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        // A linear map used twice, on a vector and on a sequence; small and large.
        .. new[] { 3, 16 }.Select(width => Chains.Of(
            [width],
            2,
            new LinearNode { Name = "a", Outputs = width, Weight = "w", Bias = "b" },
            new ActivationNode { Name = "t", Function = Activation.Tanh },
            new LinearNode { Name = "a2", Outputs = width, Weight = "w", Bias = "b" },
            new ReshapeNode { Name = "seq", Shape = [1, width] },
            new ReshapeNode { Name = "xs", Inputs = ["x"], Shape = [1, width] },
            new ConcatNode { Name = "both", Inputs = ["seq", "xs"], Axis = 0 },
            new LinearNode { Name = "a3", Outputs = width, Weight = "w", HasBias = false })),

        // The weight once with a bias and once without: the bias is used once.
        Chains.Of([4], 1, new LinearNode { Name = "a", Outputs = 4, Weight = "w" }, new LinearNode { Name = "a2", Outputs = 4, Weight = "w", HasBias = false }),

        // A bias of two weights.
        Chains.Of([4], 2, new LinearNode { Name = "a", Outputs = 4, Bias = "b" }, new ActivationNode { Name = "t", Function = Activation.Tanh }, new LinearNode { Name = "a2", Outputs = 4, Bias = "b" }),

        // A bias that is a value, too, and a norm's shift and scale.
        Chains.Of(
            [4],
            2,
            new LinearNode { Name = "a", Outputs = 4, Bias = "b" },
            new LayerNormNode { Name = "n", Weight = "s", Bias = "b" },
            new ParameterNode { Name = "p", Shape = [4], Value = "b" },
            new ArithmeticNode { Name = "sum", Inputs = ["n", "p"], Function = ArithmeticFunction.Multiply },
            new BatchNormNode { Name = "bn", Weight = "b", Bias = "s" }),

        // One tensor is a norm's scale and its shift.
        Chains.Stem([4], 2, new LayerNormNode { Name = "n", Weight = "s", Bias = "s" }),
        Chains.Stem([3, 4], 1, new BatchNormNode { Name = "n", Weight = "s", Bias = "s" }),
        Chains.Stem([3, 4], 1, new GroupNormNode { Name = "n", Groups = 3, Weight = "s", Bias = "s" }),

        // A shared norm, a shared convolution.
        Chains.Stem([4, 5], 2, new LayerNormNode { Name = "n", Weight = "s", Bias = "t" }, new ActivationNode { Name = "f", Function = Activation.SiLU }, new LayerNormNode { Name = "n2", Weight = "s", Bias = "t" }),
        Chains.Of(
            [3, 6],
            2,
            new ConvolutionNode { Name = "a", Outputs = 3, Kernel = [3], Padding = [1], Weight = "w", Bias = "b" },
            new ActivationNode { Name = "f", Function = Activation.GELU },
            new ConvolutionNode { Name = "a2", Outputs = 3, Kernel = [3], Stride = [2], Dilation = [2], Padding = [2], Weight = "w", Bias = "b" }),

        // Tied embeddings: a table that is the output's matrix as well; two look-ups in one table.
        Tied(5),
        Tied(40),
        Chains.Of(
            [6],
            2,
            new SliceNode { Name = "left", Axis = 0, Start = 0, End = 2 },
            new EmbeddingNode { Name = "e1", Vocabulary = 50, Width = 3, Weight = "table" },
            new SliceNode { Name = "right", Inputs = ["x"], Axis = 0, Start = 2, End = 6 },
            new EmbeddingNode { Name = "e2", Vocabulary = 50, Width = 3, Weight = "table" },
            new ConcatNode { Name = "both", Inputs = ["e2", "e1"], Axis = 0 }),
    ];

    private static NetworkSpec Tied(int vocabulary) => Chains.Of(
        [4],
        2,
        new EmbeddingNode { Name = "e", Vocabulary = vocabulary, Width = 3, Weight = "table" },
        new ActivationNode { Name = "f", Function = Activation.Tanh },
        new LinearNode { Name = "logits", Outputs = vocabulary, Weight = "table" },
        new ReduceNode { Name = "mean", Function = Reduction.Mean, Axes = [0] });
}

/// <summary>Parameters that are not adapted: anywhere, and the half of a layer.</summary>
public sealed class FrozenSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        .. Each(Dense()),
        .. Each(Convolutional()),
        Chains.Of([4], 2, new LinearNode { Name = "a", Outputs = 3 }, new ActivationNode { Name = "t", Function = Activation.Tanh }, new LinearNode { Name = "b", Outputs = 3 }).Adapting(ParameterSelection.LastLayer),
    ];

    private static NetworkSpec Dense() => NetworkSpec.Mlp(3, [4], 2, Activation.Tanh);

    private static NetworkSpec Convolutional() => Chains.Of(
        [2, 4, 4],
        1,
        new ConvolutionNode { Name = "a", Outputs = 3, Kernel = [3, 3] },
        new BatchNormNode { Name = "n" },
        new ActivationNode { Name = "f", Function = Activation.ReLU },
        new PoolNode { Name = "p", Function = Pooling.Max, Kernel = [2, 2] });

    // All but one, and one alone.
    private static IEnumerable<NetworkSpec> Each(NetworkSpec spec) => spec.Blocks.SelectMany(block => new[]
    {
        new NetworkSpec(spec.Inputs, spec.Nodes, spec.Output, [block.Name]),
        new NetworkSpec(spec.Inputs, spec.Nodes, spec.Output, [.. spec.Blocks.Select(b => b.Name).Where(name => name != block.Name)]),
    });
}
