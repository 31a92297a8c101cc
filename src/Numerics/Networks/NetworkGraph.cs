using System.Collections.Immutable;
using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Numerics.Networks;

/// <summary>A network's names resolved and its shapes inferred.</summary>
internal sealed class NetworkGraph
{
    private NetworkGraph(GraphValue[] values, int output)
    {
        Values = [.. values];
        Output = output;
    }

    /// <summary>The inputs, then the nodes in order.</summary>
    internal ImmutableArray<GraphValue> Values { get; }

    /// <summary>Which value is the output.</summary>
    internal int Output { get; }

    internal int InputWidth { get; private init; }

    internal int Outputs { get; private init; }

    internal ImmutableArray<ParameterBlock> Blocks { get; private init; }

    internal ImmutableArray<ParameterBlock> Fixed { get; private init; }

    internal int ParameterCount => Blocks.Length == 0 ? 0 : Blocks[^1].Offset + Blocks[^1].Count;

    internal double FlopsPerRow { get; private init; }

    /// <summary>The numbers of all values of one row together.</summary>
    internal long NumbersPerRow { get; private init; }

    /// <exception cref="InvalidNetworkException">Something does not fit.</exception>
    internal static NetworkGraph Check(NetworkSpec spec)
    {
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        var values = new List<GraphValue>();
        long width = 0;
        foreach (NetworkInput input in spec.Inputs)
        {
            RequireShape(input?.Name, input is null ? default : input.Shape);
            Add(indexes, input!.Name);
            values.Add(new GraphValue(null, [], input.Shape, [], (int)Math.Min(int.MaxValue, width)));
            width += Shapes.Count(input.Shape);
        }

        if (width is 0 or > Shapes.MaxCount)
        {
            throw new InvalidNetworkException(null, $"a row of its input has {width} numbers, not from 1 to {Shapes.MaxCount}");
        }

        foreach (NetworkNode node in spec.Nodes)
        {
            values.Add(Resolve(node, indexes, values));
            Add(indexes, node.Name);
        }

        if (!indexes.TryGetValue(spec.Output, out int output))
        {
            throw new InvalidNetworkException(null, $"its output '{spec.Output}' is neither a node nor an input");
        }

        ImmutableArray<int> shape = values[output].Shape;
        if (shape.Length != 1 || values[output].Node is null)
        {
            throw new InvalidNetworkException(null, $"its output '{spec.Output}' has the shape {Shapes.Text(shape)} for one row; it must be computed and have one axis: reshape it");
        }

        RequireUsed(values, output);
        RequireScriptAlone(spec);
        (ImmutableArray<ParameterBlock> blocks, ImmutableArray<ParameterBlock> fixedTensors) = Collect(spec, values);
        return new NetworkGraph([.. values], output)
        {
            InputWidth = (int)width,
            Outputs = shape[0],
            Blocks = blocks,
            Fixed = fixedTensors,
            FlopsPerRow = values.Where(v => v.Node is not null).Sum(v => v.Node!.FlopsPerRow([.. v.Inputs.Select(i => values[i].Shape)], v.Shape)),
            NumbersPerRow = values.Sum(v => Shapes.Count(v.Shape)),
        };
    }

    private static GraphValue Resolve(NetworkNode node, Dictionary<string, int> indexes, List<GraphValue> values)
    {
        if (string.IsNullOrEmpty(node?.Name))
        {
            throw new InvalidNetworkException(null, $"node {indexes.Count} has no name");
        }

        ImmutableArray<string> names = node.Inputs.IsDefault ? [] : node.Inputs;
        (int least, int most) = node is ScriptNode ? (1, 1) : node.Arity;
        if (names.Length < least || names.Length > most)
        {
            throw new InvalidNetworkException(node.Name, $"it reads {names.Length} values, but needs {(least == most ? least : $"at least {least}")}");
        }

        ImmutableArray<int> inputs = [.. names.Select(name => name is not null && indexes.TryGetValue(name, out int index)
            ? index
            : throw new InvalidNetworkException(node.Name, $"it reads '{name}', which is neither an input nor a node before it"))];
        ImmutableArray<ImmutableArray<int>> shapes = [.. inputs.Select(i => values[i].Shape)];
        ImmutableArray<int> shape = node.Infer(shapes);
        RequireShape(node.Name, shape);
        return new GraphValue(node, inputs, shape, node.Tensors(shapes), 0);
    }

    private static (ImmutableArray<ParameterBlock> Blocks, ImmutableArray<ParameterBlock> Fixed) Collect(NetworkSpec spec, List<GraphValue> values)
    {
        var uses = new Dictionary<string, (ParameterUse Use, string Node)>(StringComparer.Ordinal);
        var blocks = new List<ParameterBlock>();
        var others = new List<ParameterBlock>();
        foreach (GraphValue value in values)
        {
            foreach (ParameterUse use in value.Tensors)
            {
                string node = value.Node!.Name;
                RequireShape(node, use.Shape);
                if (string.IsNullOrEmpty(use.Name))
                {
                    throw new InvalidNetworkException(node, "one of its tensors has no name");
                }

                if (uses.TryGetValue(use.Name, out (ParameterUse Use, string Node) first))
                {
                    RequireSame(first.Use, use, first.Node, node);
                    continue;
                }

                uses.Add(use.Name, (use, node));
                List<ParameterBlock> list = use.IsParameter && !spec.Frozen.Contains(use.Name) ? blocks : others;
                long offset = list.Count == 0 ? 0 : (long)list[^1].Offset + list[^1].Count;
                long count = Shapes.Count(use.Shape);
                if (offset + count >= int.MaxValue)
                {
                    throw new InvalidNetworkException(node, $"with '{use.Name}' the network has more than {int.MaxValue} parameters");
                }

                list.Add(new ParameterBlock(use.Name, use.Shape, (int)offset, (int)count));
            }
        }

        if (blocks.Count == 0)
        {
            throw new InvalidNetworkException(null, "it has no parameter that can be adapted");
        }

        if (spec.Frozen.FirstOrDefault(name => !uses.ContainsKey(name)) is { } unknown)
        {
            throw new InvalidNetworkException(null, $"its frozen parameter '{unknown}' is not there");
        }

        return ([.. blocks], [.. others]);
    }

    // A node that does nothing is a mistake, and its parameters would get priors that no data can move.
    private static void RequireUsed(List<GraphValue> values, int output)
    {
        var used = new bool[values.Count];
        used[output] = true;
        for (int i = output; i >= 0; i--)
        {
            foreach (int input in used[i] ? values[i].Inputs : [])
            {
                used[input] = true;
            }
        }

        string[] unused = [.. values.Where((value, i) => !used[i] && value.Node is not null).Select(value => $"'{value.Node!.Name}'")];
        if (unused.Length > 0)
        {
            throw new InvalidNetworkException(null, $"its output does not depend on {string.Join(", ", unused.Take(10))}{(unused.Length > 10 ? ", ..." : string.Empty)}: leave out what is not used");
        }
    }

    private static void RequireScriptAlone(NetworkSpec spec)
    {
        if (spec.Nodes.FirstOrDefault(node => node is ScriptNode) is { } script && (spec.Nodes.Length > 1 || spec.Inputs.Length > 1))
        {
            throw new InvalidNetworkException(script.Name, "a program is a whole network: it must be the only node and read the only input");
        }
    }

    private static void RequireSame(ParameterUse first, ParameterUse use, string firstNode, string node)
    {
        if (!first.Shape.SequenceEqual(use.Shape) || first.IsParameter != use.IsParameter)
        {
            throw new InvalidNetworkException(
                node, $"it shares '{use.Name}' with '{firstNode}', but as {Shapes.Text(use.Shape)} instead of {Shapes.Text(first.Shape)}");
        }
    }

    private static void Add(Dictionary<string, int> indexes, string name)
    {
        if (!indexes.TryAdd(name, indexes.Count))
        {
            throw new InvalidNetworkException(name, "two values have this name");
        }
    }

    private static void RequireShape(string? name, ImmutableArray<int> shape)
    {
        if (string.IsNullOrEmpty(name) || shape.IsDefault || shape.Length > 6 || shape.Any(l => l < 1) || Shapes.Count(shape) > Shapes.MaxCount)
        {
            throw new InvalidNetworkException(
                string.IsNullOrEmpty(name) ? null : name,
                $"the shape {(shape.IsDefault ? "of an input" : Shapes.Text(shape))} cannot be: up to 6 axes of at least 1, up to {Shapes.MaxCount} numbers for one row");
        }
    }
}

/// <summary>An input (then <paramref name="Node"/> is null) or the value of a node.</summary>
/// <param name="Node">What computes it.</param>
/// <param name="Inputs">The values that the node reads.</param>
/// <param name="Shape">For one row.</param>
/// <param name="Tensors">The node's tensors.</param>
/// <param name="Offset">An input's first number in a row of data.</param>
internal sealed record GraphValue(NetworkNode? Node, ImmutableArray<int> Inputs, ImmutableArray<int> Shape, ImmutableArray<ParameterUse> Tensors, int Offset);
