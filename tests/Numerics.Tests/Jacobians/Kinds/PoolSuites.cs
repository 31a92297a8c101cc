using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using AdaptCluster.Numerics.Tests.Support;

namespace AdaptCluster.Numerics.Tests.Jacobians.Kinds;

public sealed class PoolSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        .. new[] { Pooling.Max, Pooling.Mean }.SelectMany(function => new[]
        {
            Chains.Stem([2, 7], 2, new PoolNode { Name = "p", Function = function, Kernel = [2] }),
            Chains.Stem([2, 7], 1, new PoolNode { Name = "p", Function = function, Kernel = [3], Stride = [2], Padding = [1] }),
            Chains.Stem([2, 5, 6], 2, new PoolNode { Name = "p", Function = function, Kernel = [2, 3] }),
            Chains.Stem([2, 5, 6], 1, new PoolNode { Name = "p", Function = function, Kernel = [3, 2], Stride = [1, 2], Padding = [1, 1] }),
        }),
        Chains.Stem([2, 9], 2, new PoolNode { Name = "p", Function = Pooling.Max, Kernel = [3], Stride = [1], Dilation = [2] }),
        Chains.Stem([2, 6, 7], 1, new PoolNode { Name = "p", Function = Pooling.Max, Kernel = [2, 3], Dilation = [3, 2], Padding = [0, 1] }),
        Chains.Stem([2, 7], 1, new PoolNode { Name = "p", Function = Pooling.Mean, Kernel = [3], Stride = [2], Padding = [1], CountsPadding = false }),
        Chains.Stem([2, 5, 6], 1, new PoolNode { Name = "p", Function = Pooling.Mean, Kernel = [3, 2], Padding = [1, 1], CountsPadding = false }),
    ];
}

public sealed class AdaptivePoolSuite : NetworkSuite
{
    private protected override NetworkSpec[] Networks =>
    [
        .. new[] { Pooling.Max, Pooling.Mean }.SelectMany(function => new[]
        {
            Chains.Stem([2, 7], 2, new AdaptivePoolNode { Name = "p", Function = function, Size = [3] }),
            Chains.Stem([2, 7], 1, new AdaptivePoolNode { Name = "p", Function = function, Size = [1] }),
            Chains.Stem([2, 5, 6], 2, new AdaptivePoolNode { Name = "p", Function = function, Size = [2, 4] }),
            Chains.Stem([3, 4, 4], 1, new AdaptivePoolNode { Name = "p", Function = function, Size = [1, 1] }),
        }),
    ];
}
