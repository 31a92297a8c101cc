using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Export;

/// <summary>Writes one network: values in order, each [batch, shape], parameters and constants as they are.</summary>
internal sealed class NetworkExport
{
    private readonly NetworkWeights _weights;
    private readonly NetworkGraph _graph;
    private readonly SourceModel? _model;
    private readonly bool[] _isIndex;
    private readonly string[] _names;
    private readonly string?[] _rows; // of shared values: with the axis of rows
    private readonly Dictionary<string, ParameterBlock> _constants;
    private readonly Dictionary<string, string> _tensors = new(StringComparer.Ordinal);
    private string? _batch;

    internal NetworkExport(NetworkWeights weights, SourceModel? model)
    {
        _weights = weights;
        _graph = weights.Spec.Graph;
        _model = model;
        _isIndex = IndexInputs.Of(weights.Spec);
        _names = new string[_graph.Values.Length];
        _rows = new string?[_graph.Values.Length];
        var constants = weights.Spec.Nodes.OfType<ConstantNode>().Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        _constants = weights.Spec.Fixed.Where(b => constants.Contains(b.Name)).ToDictionary(b => b.Name, StringComparer.Ordinal);
    }

    internal OnnxBuilder Builder { get; } = new();

    internal byte[] Run()
    {
        NetworkSpec spec = _weights.Spec;
        for (int i = 0; i < spec.Inputs.Length; i++)
        {
            AddInput(i, spec.Inputs[i]);
        }

        AddTensors(spec.Blocks, _weights.Values);
        AddTensors([.. spec.Fixed.Where(b => !_constants.ContainsKey(b.Name))], _weights.FixedValues);
        for (int i = spec.Inputs.Length; i < _names.Length; i++)
        {
            _names[i] = AddNode(i, _graph.Values[i].Node!);
        }

        string output = Rows(_graph.Output);
        if (_model is { OutputStandardisation: { } standardisation } && !IsIdentity(standardisation))
        {
            output = Builder.Add("Mul", [output, Constants(standardisation.Scale, [spec.Outputs])], null);
            output = Builder.Add("Add", [output, Constants(standardisation.Mean, [spec.Outputs])], "output");
        }

        Builder.AddOutput(output, spec.Outputs);
        return Builder.ToBytes();
    }

    /// <summary>The ONNX name of a tensor of the network.</summary>
    internal string Tensor(string name) => _tensors[name];

    /// <summary>The shape of a value for one row.</summary>
    internal ImmutableArray<int> Shape(int value) => _graph.Values[value].Shape;

    /// <summary>Whether a value is the same for all rows, and has no axis of rows in the file.</summary>
    internal bool IsShared(int value) => _graph.Values[value].Node is ParameterNode or ConstantNode;

    /// <summary>Whether a value is written as whole numbers.</summary>
    internal bool IsWhole(int value) => _graph.Values[value].Node is null
        ? IsWholeInput(value)
        : _isIndex[value] && _graph.Values[value].Inputs.Length > 0 && IsWhole(_graph.Values[value].Inputs[0]);

    /// <summary>A value as it is in the file.</summary>
    internal string Value(int value) => _names[value];

    /// <summary>A value with the axis of rows.</summary>
    internal string Rows(int value)
    {
        if (!IsShared(value))
        {
            return _names[value];
        }

        if (_rows[value] is not { } rows)
        {
            _batch ??= Builder.Add("Shape", [_names[0]], "batch/size", OnnxBuilder.Integer("end", 1));
            string shape = Shape(value).IsEmpty ? _batch : Builder.Add("Concat", [_batch, Builder.Wholes([.. Shape(value).Select(l => (long)l)])], null, OnnxBuilder.Integer("axis", 0));
            rows = Builder.Add("Expand", [_names[value], shape], null);
            _rows[value] = rows;
        }

        return rows;
    }

    private bool IsWholeInput(int value) => _isIndex[value] && (_model is null || IsIdentity(PartOf(_model.InputStandardisation, value)));

    private void AddInput(int value, NetworkInput input)
    {
        string name = Builder.Take(input.Name);
        _names[value] = name;
        Builder.AddInput(name, IsWholeInput(value), input.Shape);
        if (_model is null || IsIdentity(PartOf(_model.InputStandardisation, value)))
        {
            return;
        }

        Standardisation part = PartOf(_model.InputStandardisation, value);
        string centred = Builder.Add("Sub", [name, Constants(part.Mean, input.Shape)], null);
        _names[value] = Builder.Add("Div", [centred, Constants(part.Scale, input.Shape)], null);
    }

    private string AddNode(int value, NetworkNode node)
    {
        if (node is ParameterNode parameter)
        {
            return _tensors[parameter.ValueName];
        }

        if (node is ConstantNode constant)
        {
            ParameterBlock block = _constants[constant.Name];
            return Builder.Constant(constant.Shape, _weights.FixedValues.AsSpan(block.Offset, block.Count), constant.Name);
        }

        return new NodeExport(this, value, _graph.Values[value].Inputs, node).Run();
    }

    private void AddTensors(ImmutableArray<ParameterBlock> blocks, float[] values)
    {
        foreach (ParameterBlock block in blocks)
        {
            string name = Builder.Take(block.Name);
            _tensors.Add(block.Name, name);
            Builder.AddInitializer(name, block.Shape, values.AsSpan(block.Offset, block.Count));
        }
    }

    private Standardisation PartOf(Standardisation whole, int input)
    {
        GraphValue value = _graph.Values[input];
        int count = (int)Shapes.Count(value.Shape);
        return new Standardisation(whole.Mean.Slice(value.Offset, count), whole.Scale.Slice(value.Offset, count));
    }

    private static bool IsIdentity(Standardisation standardisation) => standardisation.Mean.All(m => m == 0) && standardisation.Scale.All(s => s == 1);

    private string Constants(ImmutableArray<double> values, ImmutableArray<int> shape) => Builder.Constant(shape, [.. values.Select(v => (float)v)]);
}
