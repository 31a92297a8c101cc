using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>A tensor that a node reads beside its inputs.</summary>
/// <param name="Name">Its name; two nodes that say the same one share it.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Role">What the node does with it.</param>
/// <param name="FanIn">How many numbers one output sums over: for the size of initial weights.</param>
internal readonly record struct ParameterUse(string Name, ImmutableArray<int> Shape, ParameterRole Role, int FanIn = 1)
{
    /// <summary>Whether it is learned; what is not (statistics, constants) is never adapted.</summary>
    internal bool IsParameter => Role is not (ParameterRole.RunningMean or ParameterRole.RunningVariance or ParameterRole.Constant);
}
