using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.Jacobians.Kinds;

public sealed class ReduceSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([3, 4], 2, new ReduceNode { Name = "r", Function = Reduction.Mean, Axes = [0] }),
        Chains.Stem([3, 4], 1, new ReduceNode { Name = "r", Function = Reduction.Sum, Axes = [1], KeepsAxes = true }),
        Chains.Stem([2, 3, 4], 2, new ReduceNode { Name = "r", Function = Reduction.Mean, Axes = [2, 0] }),
        Chains.Stem([2, 3, 4], 3, new ReduceNode { Name = "r", Function = Reduction.Sum, Axes = [0, 1, 2] }),
        Chains.Stem([2, 3], 1, new ReduceNode { Name = "r", Function = Reduction.Sum, Axes = [0, 1] }, new ArithmeticNode { Name = "again", Inputs = ["stem", "r"], Function = ArithmeticFunction.Multiply }),
        new NetworkSpec( // what reaches the first layer is one number everywhere
            [new NetworkInput("x", [3])],
            Chains.Connect("x", new LinearNode { Name = "a", Outputs = 4 }, new ReduceNode { Name = "r", Function = Reduction.Sum, Axes = [0], KeepsAxes = true }),
            "r"),
    ];
}

public sealed class ConcatSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([3, 2], 2, new ConcatNode { Name = "c", Inputs = ["x", "stem", "stem"], Axis = 0 }),
        Chains.Stem([3, 2], 1, new ConcatNode { Name = "c", Inputs = ["stem", "x"], Axis = 1 }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Stem([3], 1, new ConcatNode { Name = "c", Axis = 0 }),
    ];
}

public sealed class ReshapeSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([2, 6], 2, new ReshapeNode { Name = "r", Shape = [3, -1] }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Stem([2, 6], 1, new TransposeNode { Name = "t", Order = [1, 0] }, new ReshapeNode { Name = "r", Shape = [2, 3, 2] }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Of([1], 1, new ReshapeNode { Name = "r", Shape = [] }, new ReshapeNode { Name = "back", Shape = [1, 1] }, new LinearNode { Name = "a", Outputs = 3 }),
    ];
}

public sealed class TransposeSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([3, 4], 2, new TransposeNode { Name = "t", Order = [1, 0] }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Stem([2, 3, 4], 1, new TransposeNode { Name = "t", Order = [2, 0, 1] }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Of([3, 4, 2], 2, new TransposeNode { Name = "t", Order = [2, 1, 0] }, new ConvolutionNode { Name = "a", Outputs = 2, Kernel = [2, 2] }),
        Chains.Of([4, 3], 3, new TransposeNode { Name = "t", Order = [1, 0] }, new ConvolutionNode { Name = "a", Outputs = 2, Kernel = [4] }, new ReshapeNode { Name = "r", Shape = [2] }),
    ];
}

public sealed class SliceSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([7], 2, new SliceNode { Name = "s", Axis = 0, Start = 1, End = 7, Step = 2 }),
        Chains.Stem([3, 5], 1, new SliceNode { Name = "s", Axis = 1, Start = 0, End = 5, Step = 3 }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Stem([3, 5], 2, new SliceNode { Name = "s", Axis = 0, Start = 2, End = 3 }, new LinearNode { Name = "a", Outputs = 2 }),
    ];
}

public sealed class GatherSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([5], 2, new GatherNode { Name = "g", Axis = 0, Indices = [4, 0, 0] }),
        Chains.Stem([3, 4], 1, new GatherNode { Name = "g", Axis = 1, Indices = [2, 1, 2, 3, 0] }, new LinearNode { Name = "a", Outputs = 2 }),
    ];
}

public sealed class PadSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([3], 2, new PadNode { Name = "p", Before = [1], After = [2], Value = 0.7 }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Stem([2, 3], 1, new PadNode { Name = "p", Before = [0, 2], After = [1, 0] }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Stem([2, 3, 2], 2, new PadNode { Name = "p", Before = [1, 0, 2], After = [0, 1, 1], Value = -1 }),
    ];
}

public sealed class ExpandSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([3, 1], 2, new ExpandNode { Name = "e", Shape = [3, 4] }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Stem([4], 1, new ExpandNode { Name = "e", Shape = [2, 3, 4] }, new LinearNode { Name = "a", Outputs = 2 }),
        Chains.Stem([1], 1, new ExpandNode { Name = "e", Shape = [1, 5] }, new ConvolutionNode { Name = "a", Outputs = 2, Kernel = [2] }),
        Chains.Stem([2], 1, new ExpandNode { Name = "e", Shape = [2] }),
    ];
}

public sealed class IdentitySuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([3], 2, new IdentityNode { Name = "i" }, new IdentityNode { Name = "j" }, new ArithmeticNode { Name = "sum", Inputs = ["stem", "j"], Function = ArithmeticFunction.Add }),
        Chains.Of([3], 1, new IdentityNode { Name = "i" }, new LinearNode { Name = "a", Outputs = 2 }, new ConcatNode { Name = "c", Inputs = ["x", "a"], Axis = 0 }),
        new NetworkSpec([new NetworkInput("x", [3])], Chains.Connect("x", new LinearNode { Name = "a", Outputs = 2 }, new IdentityNode { Name = "i" }), "i"),
    ];
}
