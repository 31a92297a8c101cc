using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Reading;

namespace AdaptCluster.Import.Onnx.Conversion;

/// <summary>The nodes that an output depends on.</summary>
internal static class NeededNodes
{
    /// <summary>In the file's order, which must be one in which every node reads only what is before it.</summary>
    internal static ImmutableArray<OnnxNode> Of(OnnxGraph graph, ModelErrors errors)
    {
        var makers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            foreach (string output in graph.Nodes[i].Outputs.Where(o => o.Length > 0))
            {
                makers.Add(output, i);
            }
        }

        var needed = new bool[graph.Nodes.Length];
        var names = new Stack<string>([graph.Output]);
        while (names.TryPop(out string? name))
        {
            if (!makers.TryGetValue(name, out int maker) || needed[maker])
            {
                continue;
            }

            needed[maker] = true;
            foreach (string input in graph.Nodes[maker].Inputs.Where(i => i.Length > 0))
            {
                if (makers.TryGetValue(input, out int before) && before >= maker)
                {
                    throw graph.Nodes[maker].Refuse($"it reads {ModelErrors.Quote(input)}, which is computed after it: the nodes are out of order or form a cycle", ModelErrors.ExportAgain);
                }

                names.Push(input);
            }
        }

        return makers.ContainsKey(graph.Output)
            ? [.. graph.Nodes.Where((_, i) => needed[i])]
            : throw errors.Of($"output {ModelErrors.Quote(graph.Output)}", "no node computes it", ModelErrors.ExportAgain);
    }
}
