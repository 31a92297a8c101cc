using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Export;

/// <summary>Which values hold nothing but indices of embeddings: those are whole numbers in a file.</summary>
internal static class IndexInputs
{
    /// <summary>By value of the graph.</summary>
    internal static bool[] Of(NetworkSpec spec)
    {
        NetworkGraph graph = spec.Graph;
        var isIndex = new bool[graph.Values.Length];
        var isRead = new bool[graph.Values.Length];
        Array.Fill(isIndex, true);
        isIndex[graph.Output] = false;
        for (int i = graph.Values.Length - 1; i >= 0; i--)
        {
            GraphValue value = graph.Values[i];
            isIndex[i] &= isRead[i];
            foreach (int input in value.Inputs)
            {
                isRead[input] = true;
                isIndex[input] &= value.Node is EmbeddingNode || (isIndex[i] && value.Node is (ReshapeNode or SliceNode or GatherNode or TransposeNode or IdentityNode));
            }
        }

        return isIndex;
    }
}
