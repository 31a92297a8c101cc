using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Fusion;

/// <summary>Nodes in order, with who makes and how many read each value.</summary>
internal sealed class FusionGraph
{
    private readonly GraphConversion _conversion;
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);
    private readonly string _output;

    internal FusionGraph(GraphConversion conversion, string output)
    {
        _conversion = conversion;
        _output = output;
        Nodes = [.. conversion.Nodes];
        for (int i = 0; i < Nodes.Length; i++)
        {
            _index.Add(Nodes[i].Name, i);
        }

        foreach (NetworkNode node in Needed())
        {
            foreach (string input in node.Inputs)
            {
                _readers[input] = _readers.GetValueOrDefault(input) + 1;
            }

            foreach (string name in Named(node))
            {
                _uses[name] = _uses.GetValueOrDefault(name) + 1;
            }
        }
    }

    /// <summary>All nodes; a fusion replaces the last node of its pattern.</summary>
    internal NetworkNode[] Nodes { get; }

    /// <summary>The node that makes a value; null for an input.</summary>
    internal NetworkNode? Maker(string value) => _index.TryGetValue(value, out int index) ? Nodes[index] : null;

    /// <summary>Whether nothing but one node reads a value, which is not the output.</summary>
    internal bool IsReadOnce(string value) => _readers.GetValueOrDefault(value) == 1 && value != _output;

    internal int Readers(string value) => _readers.GetValueOrDefault(value) + (value == _output ? 1 : 0);

    /// <summary>The shape of a value for one row.</summary>
    internal ImmutableArray<int> ShapeOf(string value) => _conversion.RowShapes[value];

    /// <summary>A parameter that one node reads once, and nothing else names; null otherwise.</summary>
    internal ParameterNode? OwnParameter(string value) =>
        Maker(value) is ParameterNode node && IsReadOnce(value) && _uses.GetValueOrDefault(node.Name) == 1 ? node : null;

    /// <summary>The one number of a constant; null for anything else.</summary>
    internal float? Scalar(string value)
    {
        if (Maker(value) is not ConstantNode constant || constant.Shape.Any(l => l != 1))
        {
            return null;
        }

        Span<float> number = stackalloc float[1];
        _conversion.Tensors[constant.Name].CopyTo(number);
        return number[0];
    }

    /// <summary>The nodes that the output needs, in order.</summary>
    internal ImmutableArray<NetworkNode> Needed()
    {
        var needed = new bool[Nodes.Length];
        if (_index.TryGetValue(_output, out int last))
        {
            needed[last] = true;
        }

        for (int i = Nodes.Length - 1; i >= 0; i--)
        {
            foreach (string input in needed[i] ? Nodes[i].Inputs : [])
            {
                if (_index.TryGetValue(input, out int index))
                {
                    needed[index] = true;
                }
            }
        }

        return [.. Nodes.Where((_, i) => needed[i])];
    }

    private static IEnumerable<string> Named(NetworkNode node) => node switch
    {
        ParameterNode parameter => [parameter.Name],
        LinearNode linear => linear.Bias is null ? [linear.Weight!] : [linear.Weight!, linear.Bias],
        ConvolutionNode convolution => convolution.Bias is null ? [convolution.Weight!] : [convolution.Weight!, convolution.Bias],
        NormalisationNode { HasAffine: true } norm => [norm.Weight!, norm.Bias!],
        EmbeddingNode embedding => [embedding.Weight!],
        _ => [],
    };
}
