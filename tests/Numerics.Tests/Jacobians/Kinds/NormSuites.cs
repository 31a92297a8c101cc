using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.Jacobians.Kinds;

public sealed class BatchNormSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([4], 2, new BatchNormNode { Name = "n" }),
        Chains.Stem([3, 5], 1, new BatchNormNode { Name = "n", Epsilon = 0.1 }),
        Chains.Stem([2, 3, 4], 3, new BatchNormNode { Name = "n" }),
        Chains.Stem([2, 3, 4], 2, new BatchNormNode { Name = "n", HasAffine = false }),
        Chains.Of([4], 1, new BatchNormNode { Name = "n", Mean = "m", Variance = "v" }, new BatchNormNode { Name = "n2", Mean = "m", Variance = "v" }),
    ];
}

public sealed class LayerNormSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([4], 2, new LayerNormNode { Name = "n" }),
        Chains.Stem([3, 5], 1, new LayerNormNode { Name = "n" }),
        Chains.Stem([3, 5], 2, new LayerNormNode { Name = "n", Axes = 2, Epsilon = 0.3 }),
        Chains.Stem([2, 3, 4], 3, new LayerNormNode { Name = "n", Axes = 2 }),
        Chains.Stem([2, 3, 4], 1, new LayerNormNode { Name = "n", Axes = 1, HasAffine = false }),
        Chains.Of([6], 1, new LayerNormNode { Name = "n" }),
    ];
}

public sealed class GroupNormSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        Chains.Stem([6], 2, new GroupNormNode { Name = "n", Groups = 2 }),
        Chains.Stem([4, 5], 1, new GroupNormNode { Name = "n", Groups = 4 }),
        Chains.Stem([4, 3, 2], 3, new GroupNormNode { Name = "n", Groups = 1, Epsilon = 0.2 }),
        Chains.Stem([4, 3, 2], 2, new GroupNormNode { Name = "n", Groups = 2, HasAffine = false }),
    ];
}
