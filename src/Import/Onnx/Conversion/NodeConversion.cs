using System.Collections.Immutable;
using AdaptCluster.Formats;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Conversion;

/// <summary>One ONNX node that is being converted: what it reads, and what its outputs become.</summary>
internal sealed class NodeConversion(GraphConversion graph, OnnxNode node)
{
    private const int LargestHost = 1 << 16;
    private const int MostAxes = 16;
    private string? _last;
    private int _made;

    internal GraphConversion Graph => graph;

    internal OnnxNode Node => node;

    internal int InputCount => node.Inputs.Count;

    internal bool Has(int input) => input < node.Inputs.Count && node.Inputs[input].Length > 0;

    internal ModelFileException Refuse(string problem, string remedy = "write that part of the network in another way; docs/operators.md lists what is read") =>
        node.Refuse(problem, remedy);

    internal ImportValue Value(int input) => Has(input)
        ? graph.Find(node, node.Inputs[input])
        : throw Refuse($"its input {input} is missing", ModelErrors.ExportAgain);

    /// <summary>An input as a value of the network.</summary>
    internal RowValue Row(int input) => Row(Value(input));

    internal RowValue Row(ImportValue value) => value switch
    {
        RowValue row => row,
        TensorValue tensor => graph.Leaf(node, tensor),
        HostValue host => graph.Constant(node, host.Tensor),
        _ => throw new InvalidOperationException($"{value} is no value."),
    };

    /// <summary>An input that is a learned tensor; null if it is anything else.</summary>
    internal TensorValue? Parameter(int input) => Has(input) && Value(input) is TensorValue { IsParameter: true } tensor ? tensor : null;

    /// <summary>Whether an input's values are known and few.</summary>
    internal bool IsHost(int input) =>
        Value(input) is HostValue or TensorValue { IsParameter: false, IsStraight: true, Tensor.Count: <= LargestHost };

    /// <summary>An input whose values must be known.</summary>
    internal HostTensor Host(int input, string what) => Value(input) switch
    {
        HostValue host => host.Tensor,
        TensorValue { IsStraight: true } tensor => Load(tensor),
        _ => throw Refuse($"its {what} depends on the data", "make it a constant: shapes, positions and bounds must be the same for every row"),
    };

    /// <summary>Known whole numbers without rows in them.</summary>
    internal ImmutableArray<long> Wholes(int input, string what)
    {
        HostTensor tensor = Host(input, what);
        return tensor.Shape.Length <= 1 && tensor.Values.All(v => !v.TimesRows && v.Value == Math.Truncate(v.Value))
            ? [.. tensor.Values.Select(v => (long)v.Value)]
            : throw Refuse($"its {what} depends on the number of rows, or is no list of whole numbers", "make it a constant: it must be the same for every number of rows");
    }

    /// <summary>A known number.</summary>
    internal double Scalar(int input, string what)
    {
        HostTensor tensor = Host(input, what);
        return tensor.Values is [{ TimesRows: false } value] ? value.Value : throw Refuse($"its {what} is not one known number");
    }

    /// <summary>Axes, from an attribute in older opsets and an input in newer ones; null where there are none.</summary>
    internal ImmutableArray<int>? Axes(int input, int rank)
    {
        ImmutableArray<long>? axes = node.Integers("axes") ?? (Has(input) ? Wholes(input, "axes") : null);
        if (axes is null)
        {
            return null;
        }

        if (axes.Value.Length > MostAxes)
        {
            throw Refuse($"it names {axes.Value.Length} axes", ModelErrors.ExportAgain);
        }

        int[] known = [.. axes.Value.Select(a => Axis(a, rank))];
        return known.Distinct().Count() == known.Length ? [.. known] : throw Refuse("it names an axis twice", ModelErrors.ExportAgain);
    }

    /// <summary>A non-negative axis.</summary>
    internal int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Refuse($"its axis {axis} is none of the {rank} axes of what it reads", ModelErrors.ExportAgain);

    /// <summary>An axis of a value that must not be that of the rows, as an axis of the value for one row.</summary>
    internal int RowAxis(SymbolicShape shape, int axis, string what) => shape.Axes[axis].HasRows
        ? throw Refuse($"it {what} axis {axis} of {shape}, which holds the rows: rows must not mix", "leave the axis of rows alone")
        : shape.RowAxis(axis);

    /// <summary>Adds a node to the network.</summary>
    /// <param name="make">Makes the node with a name.</param>
    /// <param name="shape">The shape that ONNX gives its value.</param>
    /// <param name="isWhole">Whether its value holds whole numbers.</param>
    internal RowValue Emit(Func<string, NetworkNode> make, SymbolicShape shape, bool isWhole = false)
    {
        GraphConversion.Checked(node, shape);
        string name = graph.Unused(node.Outputs.FirstOrDefault(o => o.Length > 0) ?? "value", ref _made);
        graph.Add(make(name), shape.Row);
        _last = name;
        return new RowValue(name, shape, isWhole);
    }

    /// <summary>The same numbers, for one row in another shape, under another ONNX shape.</summary>
    internal RowValue Reshape(RowValue x, SymbolicShape shape) => x.Shape.Row.SequenceEqual(shape.Row)
        ? x with { Shape = GraphConversion.Checked(node, shape) }
        : Emit(name => new ReshapeNode { Name = name, Inputs = [x.Node], Shape = shape.Row }, shape, x.IsWhole);

    /// <summary>Says what an output is. The last node that was made for it takes its name.</summary>
    internal void Set(int output, ImportValue value)
    {
        if (output >= node.Outputs.Count || node.Outputs[output].Length == 0)
        {
            return;
        }

        string name = node.Outputs[output];
        if (value is RowValue row && row.Node == _last && graph.Nodes[^1].Name == _last)
        {
            graph.RenameLast(name);
            value = row with { Node = name };
            _last = null;
        }

        graph.Set(name, value);
    }

    internal void Set(ImportValue value) => Set(0, value);

    internal void SetHost(HostKind kind, IEnumerable<int> shape, IEnumerable<Number> values)
    {
        var tensor = new HostTensor(kind, [.. shape], [.. values]);
        Set(tensor.Shape.Length <= MostAxes ? new HostValue(tensor) : throw Refuse($"a tensor of {tensor.Shape.Length} axes is not read"));
    }

    private HostTensor Load(TensorValue value)
    {
        OnnxTensor tensor = value.Tensor;
        graph.TakeFolded(node, tensor.Count);
        var numbers = new Number[tensor.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = new Number(tensor[i]);
        }

        return new HostTensor(tensor.IsFloat ? HostKind.Real : tensor.IsBool ? HostKind.Truth : HostKind.Whole, value.Shape, [.. numbers]);
    }
}
