using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Operators;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Conversion;

/// <summary>Turns a graph of ONNX into nodes of a network, one ONNX node after the other in the file's order.</summary>
internal sealed class GraphConversion
{
    private const int MostFolded = 1 << 19; // known numbers of shape arithmetic

    private readonly Dictionary<string, ImportValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RowValue> _leaves = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names;
    private readonly HashSet<string> _transposed;
    private readonly HashSet<string> _numbers; // values that are read as anything but indices
    private int _folded;
    private int _constants;

    internal GraphConversion(OnnxGraph graph, ModelErrors errors, ExternalFiles? external, ImportBudget budget)
    {
        Graph = graph;
        Errors = errors;
        External = external;
        Budget = budget;
        _names = [.. graph.Names];
        RowsAreFixed = graph.Inputs.Any(i => i.BatchIsFixed);
        Needed = NeededNodes.Of(graph, errors);
        _transposed = TransposedWeights.Of(graph, Needed);
        _numbers = [graph.Output, .. Needed.SelectMany(n => n.Inputs.Where((_, i) => n.Type != "Gather" || i != 1))];
    }

    internal OnnxGraph Graph { get; }

    internal ModelErrors Errors { get; }

    internal ExternalFiles? External { get; }

    internal ImportBudget Budget { get; }

    /// <summary>The nodes that the output needs, in order.</summary>
    internal ImmutableArray<OnnxNode> Needed { get; }

    /// <summary>Whether the file says that there is one row: then a length of 1 in its constants may be the axis of rows.</summary>
    internal bool RowsAreFixed { get; }

    /// <summary>What was made so far.</summary>
    internal List<NetworkNode> Nodes { get; } = [];

    /// <summary>The shape of every value for one row.</summary>
    internal Dictionary<string, ImmutableArray<int>> RowShapes { get; } = new(StringComparer.Ordinal);

    /// <summary>The values of the network's tensors by name.</summary>
    internal Dictionary<string, TensorSource> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>Converts everything; the output's value.</summary>
    internal RowValue Run()
    {
        foreach (OnnxInput input in Graph.Inputs)
        {
            RowShapes.Add(input.Name, input.Shape);
            _values.Add(input.Name, new RowValue(input.Name, SymbolicShape.OfRows(input.Shape), input.IsInteger));
        }

        foreach ((string name, OnnxTensor tensor) in Graph.Initializers)
        {
            _values.Add(name, TensorValue.Of(name, tensor, tensor.IsFloat && tensor.Shape.Length > 0));
        }

        foreach (OnnxNode node in Needed)
        {
            OnnxOperators.Convert(new NodeConversion(this, node));
        }

        return _values.GetValueOrDefault(Graph.Output) as RowValue
            ?? throw Errors.Of($"output {ModelErrors.Quote(Graph.Output)}", "it does not depend on the inputs", "name an output that does");
    }

    /// <summary>The value that a node reads.</summary>
    internal ImportValue Find(OnnxNode node, string name) => _values.TryGetValue(name, out ImportValue? value)
        ? value
        : throw node.Refuse(
            Graph.Names.Contains(name) ? $"it reads {ModelErrors.Quote(name)}, which is computed after it or is an output that is not read" : $"it reads {ModelErrors.Quote(name)}, which is not there",
            ModelErrors.ExportAgain);

    internal void Set(string name, ImportValue value) => _values[name] = value;

    /// <summary>A name that no other value has.</summary>
    internal string Unused(string stem, ref int number)
    {
        string name;
        do
        {
            name = $"{stem}/{++number}";
        }
        while (!_names.Add(name));
        return name;
    }

    /// <summary>Whether a value is read as indices of lookups only.</summary>
    internal bool IsOnlyIndex(string name) => !_numbers.Contains(name);

    /// <summary>Says that so many known numbers are about to be made.</summary>
    internal void TakeFolded(OnnxNode node, long count)
    {
        if (count < 0 || count > MostFolded - _folded)
        {
            throw node.Refuse($"its constant arithmetic gives more than {MostFolded} numbers", "compute the constant before the export, so that the file holds its value");
        }

        _folded += (int)count;
        Budget.Take(count * ImportBudget.KnownNumber);
    }

    /// <summary>A parameter as a matrix [outputs, inputs], for a node that multiplies by it; null where it is stored the other way.</summary>
    /// <param name="value">A parameter with two axes.</param>
    /// <param name="isTransposed">Whether the value is [inputs, outputs].</param>
    internal string? Weight(TensorValue value, bool isTransposed)
    {
        bool stored = _transposed.Contains(value.Name);
        if (isTransposed == value.IsStraight != stored)
        {
            return null;
        }

        Tensors.TryAdd(value.Name, new TensorSource(value.Tensor, stored));
        return value.Name;
    }

    /// <summary>A parameter for a node that reads it as it is; null where it is a view or stored transposed.</summary>
    internal string? Straight(TensorValue value)
    {
        if (!value.IsStraight || _transposed.Contains(value.Name))
        {
            return null;
        }

        Tensors.TryAdd(value.Name, new TensorSource(value.Tensor, false));
        return value.Name;
    }

    /// <summary>A tensor as a value of the network.</summary>
    internal RowValue Leaf(OnnxNode node, TensorValue value)
    {
        if (!_leaves.TryGetValue(value.Name, out RowValue? leaf))
        {
            bool stored = _transposed.Contains(value.Name);
            ImmutableArray<int> shape = stored ? [value.Tensor.Shape[1], value.Tensor.Shape[0]] : value.Tensor.Shape;
            leaf = new RowValue(value.Name, Checked(node, SymbolicShape.Fixed(shape)), !value.Tensor.IsFloat);
            Add(value.IsParameter
                ? new ParameterNode { Name = value.Name, Shape = shape }
                : new ConstantNode { Name = value.Name, Shape = shape }, shape);
            Tensors.TryAdd(value.Name, new TensorSource(value.Tensor, stored));
            _leaves.Add(value.Name, leaf);
        }

        bool turned = _transposed.Contains(value.Name);
        ImmutableArray<int> order = turned ? [.. value.Order.Select(axis => 1 - axis)] : value.Order;
        if (order.SequenceEqual(Enumerable.Range(0, order.Length)))
        {
            return leaf;
        }

        var view = new TransposeNode { Name = Unused(value.Name, ref _constants), Inputs = [leaf.Node], Order = order };
        var turnedShape = SymbolicShape.Fixed(order.Select(axis => leaf.Shape.Row[axis]));
        Add(view, turnedShape.Row);
        return new RowValue(view.Name, turnedShape, leaf.IsWhole);
    }

    /// <summary>Known numbers as a value of the network.</summary>
    internal RowValue Constant(OnnxNode node, HostTensor tensor)
    {
        var values = new float[tensor.Values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)tensor.Values[i].Value;
            if (tensor.Values[i].TimesRows || !float.IsFinite(values[i]) || (tensor.Kind != HostKind.Real && values[i] != tensor.Values[i].Value))
            {
                throw node.Refuse(
                    $"it computes with the constant {tensor.Values[i]}, which depends on the number of rows, is not finite, or is a whole number too large for 32 bits",
                    "use constants that are finite, for masks a large negative number such as -1e9");
            }
        }

        string name = Unused("constant", ref _constants);
        Add(new ConstantNode { Name = name, Shape = tensor.Shape }, tensor.Shape);
        Tensors.Add(name, new TensorSource(values));
        return new RowValue(name, Checked(node, SymbolicShape.Fixed(tensor.Shape)), tensor.Kind != HostKind.Real);
    }

    internal void Add(NetworkNode node, ImmutableArray<int> shape)
    {
        Budget.Take(ImportBudget.NetworkNode);
        Nodes.Add(node);
        RowShapes[node.Name] = shape;
    }

    /// <summary>Gives the last node another name.</summary>
    internal void RenameLast(string name)
    {
        RowShapes[name] = RowShapes[Nodes[^1].Name];
        Nodes[^1] = Nodes[^1] with { Name = name };
    }

    /// <summary>The shape, if a network can have it.</summary>
    internal static SymbolicShape Checked(OnnxNode node, SymbolicShape shape)
    {
        if (shape.Count is < 1 or > Shapes.MaxCount || shape.Row.Any(l => l < 1) || shape.Row.Length > 6)
        {
            throw node.Refuse($"a value of the shape {shape} cannot be: up to 6 axes of at least 1, up to {Shapes.MaxCount} numbers for one row", "use smaller values");
        }

        return shape;
    }
}
