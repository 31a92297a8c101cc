using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Fusion;

/// <summary>Puts together what exporters take apart, and drops what the output does not need.</summary>
internal static class NetworkFusion
{
    internal static ImmutableArray<NetworkNode> Apply(GraphConversion conversion, string output)
    {
        var nodes = new FusionGraph(conversion, output);
        LayerNormFusion.Apply(nodes);
        ActivationFusion.Apply(nodes);
        LinearFusion.Apply(nodes);
        return nodes.Needed();
    }
}
