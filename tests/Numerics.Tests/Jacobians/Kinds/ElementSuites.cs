using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.Jacobians.Kinds;

public sealed class ActivationSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        .. Enum.GetValues<Activation>().Select((function, i) => Chains.Stem([2, 4], 1 + (i % 3), new ActivationNode { Name = "f", Function = function })),
        Chains.Stem([6], 2, new ActivationNode { Name = "f", Function = Activation.LeakyReLU, Alpha = 0.3 }),
        Chains.Stem([6], 1, new ActivationNode { Name = "f", Function = Activation.ELU, Alpha = 1.7 }),
        Chains.Of([6], 1, new ActivationNode { Name = "same", Function = Activation.Identity }, new ConcatNode { Name = "both", Inputs = ["x", "same"], Axis = 0 }, new LinearNode { Name = "a", Outputs = 2 }),
    ];
}

public sealed class ElementwiseSuite : NetworkSuite
{
    // Through an exponential: logarithm and root need positive numbers.
    private protected override NetworkSpec[] Networks =>
    [
        .. Enum.GetValues<ElementFunction>().Select((function, i) => Chains.Stem(
            [2, 3], 1 + (i % 2), new ElementwiseNode { Name = "positive", Function = ElementFunction.Exp }, new ElementwiseNode { Name = "f", Function = function })),
        Chains.Stem([4], 2, new ElementwiseNode { Name = "f", Function = ElementFunction.Abs }),
        Chains.Stem([4], 2, new ElementwiseNode { Name = "f", Function = ElementFunction.Erf }),
    ];
}

public sealed class ArithmeticSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        .. Enum.GetValues<ArithmeticFunction>().Select(function => With([3, 4], 2, function, "p", "vector")),
        .. Enum.GetValues<ArithmeticFunction>().Select(function => With([3, 4], 1, function, "number", "p")),
        With([3, 4], 1, ArithmeticFunction.Divide, "column", "block"),
        Chains.Stem([3], 2, Positive, new ConstantNode { Name = "constant", Shape = [2, 1] }, Both(ArithmeticFunction.Power, "p", "constant")),
        Chains.Stem([3], 2, Both(ArithmeticFunction.Multiply, "stem", "stem")),
        Chains.Stem([3], 2, Both(ArithmeticFunction.Subtract, "x", "stem")),
    ];

    private static ElementwiseNode Positive => new() { Name = "p", Inputs = ["stem"], Function = ElementFunction.Exp };

    // Computed values of other shapes that broadcast with [3, 4]; those that are not read are left out.
    private static NetworkSpec With(int[] shape, int outputs, ArithmeticFunction function, string left, string right)
    {
        var others = new NetworkNode[]
        {
            new ReduceNode { Name = "vector", Inputs = ["p"], Function = Reduction.Mean, Axes = [0] },
            new ReduceNode { Name = "number", Inputs = ["p"], Function = Reduction.Mean, Axes = [0, 1] },
            new ReduceNode { Name = "column", Inputs = ["p"], Function = Reduction.Mean, Axes = [1], KeepsAxes = true },
            new ExpandNode { Name = "block", Inputs = ["p"], Shape = [2, 3, 4] },
        };
        return Chains.Stem(shape, outputs, [Positive, .. others.Where(node => node.Name == left || node.Name == right), Both(function, left, right)]);
    }

    private static ArithmeticNode Both(ArithmeticFunction function, string left, string right) => new() { Name = "both", Inputs = [left, right], Function = function };
}

public sealed class MatMulSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([3, 4], 2, new TransposeNode { Name = "t", Order = [1, 0] }, new MatMulNode { Name = "m", Inputs = ["stem", "t"] }),
        Chains.Stem([2, 3, 4], 1, new TransposeNode { Name = "t", Order = [0, 2, 1] }, new MatMulNode { Name = "m", Inputs = ["t", "stem"] }),
        Chains.Stem([2, 3, 4], 2, new ParameterNode { Name = "p", Shape = [4, 2] }, new MatMulNode { Name = "m", Inputs = ["stem", "p"] }),
        Chains.Stem([2, 3, 4], 2, new ParameterNode { Name = "p", Shape = [5, 1, 2, 3] }, new MatMulNode { Name = "m", Inputs = ["p", "stem"] }),
        Chains.Stem([1, 3, 4], 1, new ConstantNode { Name = "p", Shape = [2, 4, 1] }, new MatMulNode { Name = "m", Inputs = ["stem", "p"] }),
    ];
}

public sealed class SoftmaxSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([5], 2, new SoftmaxNode { Name = "s", Axis = 0 }),
        .. Enumerable.Range(0, 3).Select(axis => Chains.Stem([2, 3, 4], 1 + axis, new SoftmaxNode { Name = "s", Axis = axis })),
    ];
}

public sealed class AttentionSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks => [TwoHeads(1), TwoHeads(3)];

    // Two heads of width 3 over four positions, a skip connection, a norm.
    private static NetworkSpec TwoHeads(int outputs)
    {
        var nodes = new List<NetworkNode> { new LayerNormNode { Name = "norm" }, new LinearNode { Name = "qkv", Outputs = 18 }, new ReshapeNode { Name = "heads", Shape = [4, 3, 2, 3] } };
        for (int i = 0; i < 3; i++)
        {
            nodes.Add(new SliceNode { Name = $"slice{i}", Inputs = ["heads"], Axis = 1, Start = i, End = i + 1 });
            nodes.Add(new ReshapeNode { Name = $"head{i}", Shape = [4, 2, 3] });
            nodes.Add(new TransposeNode { Name = $"part{i}", Order = i == 1 ? [1, 2, 0] : [1, 0, 2] });
        }

        nodes.AddRange(
        [
            new MatMulNode { Name = "scores", Inputs = ["part0", "part1"] },
            new SoftmaxNode { Name = "weights", Axis = 2 },
            new MatMulNode { Name = "mixed", Inputs = ["weights", "part2"] },
            new TransposeNode { Name = "back", Order = [1, 0, 2] },
            new ReshapeNode { Name = "joined", Shape = [4, 6] },
            new LinearNode { Name = "project", Outputs = 6 },
            new ArithmeticNode { Name = "skip", Inputs = ["x", "project"], Function = ArithmeticFunction.Add },
            new ReduceNode { Name = "pooled", Function = Reduction.Mean, Axes = [0] },
        ]);
        return Chains.Of([4, 6], outputs, [.. nodes]);
    }
}
