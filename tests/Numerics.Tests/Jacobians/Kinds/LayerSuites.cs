using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.Jacobians.Kinds;

public sealed class LinearSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Of([4], 2, new LinearNode { Name = "a", Outputs = 3 }),
        Chains.Of([4], 1, new LinearNode { Name = "a", Outputs = 3, HasBias = false }),
        Chains.Of([1, 4], 1, new LinearNode { Name = "a", Outputs = 3 }),
        NetworkSpec.Dense(3, [new DenseLayerSpec(5, Activation.GELU), new DenseLayerSpec(3, Activation.Identity)]),
    ];
}

/// <summary>Weights at several positions: as rows, as pairs of positions and as panels.</summary>
public sealed class SequenceSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Of([2, 12], 1, new LinearNode { Name = "a", Outputs = 14 }), // pairs of positions
        Chains.Of([2, 12], 2, new LinearNode { Name = "a", Outputs = 14, HasBias = false }),
        Chains.Of([5, 20], 1, new LinearNode { Name = "a", Outputs = 20 }), // panels
        Chains.Of([4, 24], 2, new LinearNode { Name = "a", Outputs = 26 }),
        Chains.Of([7, 3], 3, new LinearNode { Name = "a", Outputs = 2 }), // rows
        Chains.Of([2, 3, 4], 2, new LinearNode { Name = "a", Outputs = 5 }, new ActivationNode { Name = "t", Function = Activation.SiLU }, new LinearNode { Name = "b", Outputs = 3, HasBias = false }),
    ];
}

public sealed class Convolution1dSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Of([3, 9], 2, new ConvolutionNode { Name = "a", Outputs = 4, Kernel = [3] }),
        Chains.Of([3, 9], 1, new ConvolutionNode { Name = "a", Outputs = 4, Kernel = [3], Stride = [2], Padding = [1], HasBias = false }),
        Chains.Of([2, 10], 2, new ConvolutionNode { Name = "a", Outputs = 4, Kernel = [3], Dilation = [2], Padding = [3], Stride = [3] }),
        Chains.Of([4, 7], 3, new ConvolutionNode { Name = "a", Outputs = 6, Kernel = [2], Groups = 2, Padding = [1] }),
        Chains.Of([4, 7], 1, new ConvolutionNode { Name = "a", Outputs = 8, Kernel = [3], Groups = 4, HasBias = false }),
        Chains.Of([3, 4], 2, new ConvolutionNode { Name = "a", Outputs = 5, Kernel = [4] }), // one position
        Chains.Of([8, 6], 1, new ConvolutionNode { Name = "a", Outputs = 16, Kernel = [5] }), // two positions: pairs
        Chains.Of([12, 8], 1, new ConvolutionNode { Name = "a", Outputs = 30, Kernel = [5] }, new ActivationNode { Name = "t", Function = Activation.Tanh }, new ConvolutionNode { Name = "b", Outputs = 3, Kernel = [3], Padding = [1] }),
    ];
}

public sealed class Convolution2dSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Of([2, 5, 6], 2, new ConvolutionNode { Name = "a", Outputs = 3, Kernel = [3, 2] }),
        Chains.Of([2, 6, 5], 1, new ConvolutionNode { Name = "a", Outputs = 3, Kernel = [3, 3], Stride = [2, 1], Padding = [1, 2], Dilation = [1, 2] }),
        Chains.Of([4, 4, 4], 2, new ConvolutionNode { Name = "a", Outputs = 6, Kernel = [2, 2], Groups = 2, HasBias = false }),
        Chains.Of([3, 4, 4], 3, new ConvolutionNode { Name = "a", Outputs = 3, Kernel = [3, 3], Groups = 3, Padding = [1, 1] }),
        Chains.Of([2, 3, 3], 2, new ConvolutionNode { Name = "a", Outputs = 4, Kernel = [3, 3] }), // one position
        Chains.Of([8, 4, 4], 1, new ConvolutionNode { Name = "a", Outputs = 10, Kernel = [3, 3] }), // four positions
        Chains.Of([2, 4, 4], 2, new ConvolutionNode { Name = "a", Outputs = 4, Kernel = [1, 1] }, new ActivationNode { Name = "t", Function = Activation.ReLU }, new ConvolutionNode { Name = "b", Outputs = 2, Kernel = [2, 2], Stride = [2, 2] }),
    ];
}

public sealed class EmbeddingSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Of([6], 1, new EmbeddingNode { Name = "a", Vocabulary = 40, Width = 3 }), // a table
        Chains.Of([6], 2, new EmbeddingNode { Name = "a", Vocabulary = 3, Width = 2 }), // rows; indices repeat
        Chains.Of([2, 5], 2, new EmbeddingNode { Name = "a", Vocabulary = 4, Width = 8 }), // repeats within an input
        Chains.Of([5], 3, new EmbeddingNode { Name = "a", Vocabulary = 30, Width = 4 }, new LinearNode { Name = "b", Outputs = 3 }),
        new NetworkSpec(
            [new NetworkInput("number", [2]), new NetworkInput("category", [])],
            Chains.Connect(
                "category",
                new EmbeddingNode { Name = "table", Vocabulary = 12, Width = 3 },
                new ConcatNode { Name = "all", Inputs = ["number", "table", "number"], Axis = 0 },
                new LinearNode { Name = "b", Outputs = 4 },
                new ActivationNode { Name = "t", Function = Activation.Sigmoid },
                new LinearNode { Name = "head", Outputs = 2 }),
            "head"),
    ];
}

public sealed class ParameterSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        With(new ParameterNode { Name = "p", Shape = [3, 4] }, ArithmeticFunction.Add),
        With(new ParameterNode { Name = "p", Shape = [4] }, ArithmeticFunction.Multiply),
        With(new ParameterNode { Name = "p", Shape = [3, 1] }, ArithmeticFunction.Subtract),
        With(new ParameterNode { Name = "p", Shape = [] }, ArithmeticFunction.Multiply),
        With(new ParameterNode { Name = "p", Shape = [2, 3, 4], Value = "named" }, ArithmeticFunction.Multiply),
        Chains.Of([2], 2, new ParameterNode { Name = "p", Shape = [5] }, new ConcatNode { Name = "c", Inputs = ["x", "p", "p"], Axis = 0 }, new LinearNode { Name = "a", Outputs = 3 }),
        new NetworkSpec([new NetworkInput("x", [2])], [new ParameterNode { Name = "p", Shape = [2] }, new ArithmeticNode { Name = "y", Inputs = ["x", "p"], Function = ArithmeticFunction.Multiply }], "y"),
        new NetworkSpec([new NetworkInput("x", [2])], [new ParameterNode { Name = "p", Shape = [2] }], "p"), // the same for every row
    ];

    private static NetworkSpec With(ParameterNode parameter, ArithmeticFunction function) =>
        Chains.Stem([3, 4], 2, parameter, new ArithmeticNode { Name = "both", Inputs = ["stem", parameter.Name], Function = function });
}
