using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Numerics.Tests.Support;

/// <summary>Small networks around the nodes that a test is about.</summary>
internal static class Chains
{
    /// <summary>x, a linear map of its last axis, the nodes one after the other (where they name no inputs), tanh, a linear head.</summary>
    public static NetworkSpec Stem(int[] shape, int outputs, params NetworkNode[] nodes) =>
        Of(shape, outputs, [new LinearNode { Name = "stem", Outputs = shape[^1] }, .. nodes]);

    /// <summary>x, the nodes one after the other (where they name no inputs), tanh, a linear head.</summary>
    public static NetworkSpec Of(int[] shape, int outputs, params NetworkNode[] nodes) => new(
        [new NetworkInput("x", [.. shape])],
        Connect("x",
        [
            .. nodes,
            new ReshapeNode { Name = "flat", Shape = [-1] },
            new ActivationNode { Name = "squash", Function = Activation.Tanh },
            new LinearNode { Name = "head", Outputs = outputs },
        ]),
        "head");

    /// <summary>Each node that names no inputs and needs one reads the node before it.</summary>
    public static ImmutableArray<NetworkNode> Connect(string first, params NetworkNode[] nodes)
    {
        var connected = new List<NetworkNode>();
        string previous = first;
        foreach (NetworkNode node in nodes)
        {
            connected.Add(node.Inputs.IsEmpty && node.Arity.Most > 0 ? node with { Inputs = [previous] } : node);
            previous = node.Name;
        }

        return [.. connected];
    }
}
