using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using CsCheck;

namespace AdaptCluster.Numerics.Tests.Support;

/// <summary>
/// Random networks: nodes that read any values so far, parameters that are shared wherever their shapes allow, all loose ends joined in the output.
/// A seed and a number of nodes describe one, so that a failure shrinks to few nodes.
/// </summary>
internal sealed class RandomGraph
{
    public static readonly Gen<NetworkSpec> Specs =
        from nodes in Gen.Int[1, 14]
        from outputs in Gen.Int[1, 3]
        from seed in Gen.Int[0, 1_000_000]
        select new RandomGraph(seed).Build(nodes, outputs);

    private readonly SeededRandom _random;
    private readonly List<NetworkInput> _inputs = [];
    private readonly List<NetworkNode> _nodes = [];
    private readonly List<(string Name, ImmutableArray<int> Shape)> _values = [];
    private readonly HashSet<string> _read = [];
    private readonly List<(string Name, ImmutableArray<int> Shape)> _parameters = [];
    private readonly Dictionary<string, int> _tokens = []; // inputs of whole numbers
    private int _names;

    private RandomGraph(int seed) => _random = new SeededRandom(seed, 7);

    private NetworkSpec Build(int nodes, int outputs)
    {
        AddInputs();
        while (_nodes.Count < nodes)
        {
            Step();
        }

        string[] ends = [.. _values.Where(v => !_read.Contains(v.Name)).Select(v => Vector(v.Name, v.Shape))];
        string joined = ends.Length == 1 ? ends[0] : Add(new ConcatNode { Name = Next(), Inputs = [.. ends], Axis = 0 });
        string squashed = Add(new ActivationNode { Name = Next(), Inputs = [joined], Function = Activation.Tanh });
        string head = AddLinear(squashed, outputs);
        var spec = new NetworkSpec([.. _inputs], [.. _nodes], head);
        ImmutableArray<string> frozen = [.. spec.Blocks.Select(b => b.Name).Where(_ => Chance(0.15))];
        return frozen.Length == spec.Blocks.Length ? spec : new NetworkSpec(spec.Inputs, spec.Nodes, spec.Output, frozen);
    }

    private void AddInputs()
    {
        Input("x", Pick<ImmutableArray<int>>([2], [5], [3, 4], [2, 3], [8, 2], [2, 4, 5], [3, 3, 3]));
        if (Chance(0.4))
        {
            Input("z", Pick<ImmutableArray<int>>([1], [4], [2, 3]));
        }

        if (Chance(0.4))
        {
            _inputs.Add(new NetworkInput("tokens", Pick<ImmutableArray<int>>([], [3], [2, 2])));
            _tokens.Add("tokens", Pick(3, 6, 30));
            Embed("tokens");
        }
    }

    private void Input(string name, ImmutableArray<int> shape)
    {
        _inputs.Add(new NetworkInput(name, shape));
        _values.Add((name, shape));
    }

    private void Step()
    {
        (string name, ImmutableArray<int> shape) = _values[_random.NextInt(_values.Count)];
        int count = shape.Aggregate(1, (a, b) => a * b);
        switch (_random.NextInt(20))
        {
            case 0 or 1 or 2 or 3 when shape.Length > 0:
                AddLinear(name, Chance(0.3) ? shape[^1] : Pick(1, 2, 3, 5, 12));
                break;
            case 4 or 5 or 6 when shape.Length is 2 or 3:
                AddConvolution(name, shape);
                break;
            case 7 when shape.Length is >= 1 and <= 3:
                Add(new BatchNormNode { Name = Next(), Inputs = [name], Weight = Share([shape[0]]), Bias = Share([shape[0]]), HasAffine = Chance(0.8) });
                break;
            case 8 when shape.Length > 0:
                int axes = 1 + _random.NextInt(shape.Length);
                Add(new LayerNormNode { Name = Next(), Inputs = [name], Axes = axes, Weight = Share(shape[^axes..]), Bias = Share(shape[^axes..]), Epsilon = 0.1 });
                break;
            case 9 when shape.Length is >= 1 and <= 3:
                Add(new GroupNormNode { Name = Next(), Inputs = [name], Groups = Chance(0.5) ? 1 : shape[0], Weight = Share([shape[0]]), Bias = Share([shape[0]]), Epsilon = 0.1 });
                break;
            case 10 or 11:
                Add(new ActivationNode { Name = Next(), Inputs = [name], Function = Pick(Activation.Tanh, Activation.SiLU, Activation.GELU, Activation.Softplus, Activation.ReLU, Activation.Sigmoid) });
                break;
            case 12:
                Add(new ElementwiseNode { Name = Next(), Inputs = [name], Function = Pick(ElementFunction.Sin, ElementFunction.Erf, ElementFunction.Cos, ElementFunction.Negate) });
                break;
            case 13 or 14: // a skip connection where shapes allow it
                string other = _values.LastOrDefault(v => v.Name != name && Shapes.Broadcast(v.Shape, shape) is { } both && Shapes.Count(both) <= 200, (Name: name, Shape: shape)).Name;
                Add(new ArithmeticNode { Name = Next(), Inputs = [name, other], Function = Pick(ArithmeticFunction.Add, ArithmeticFunction.Subtract, ArithmeticFunction.Multiply) });
                break;
            case 15 when shape.Length >= 2:
                int[] order = _random.Permutation(shape.Length);
                Add(new TransposeNode { Name = Next(), Inputs = [name], Order = [.. order] });
                break;
            case 16 when shape.Length is 1 or 2 && count is > 1 and <= 60:
                Add(new ReshapeNode { Name = Next(), Inputs = [name], Shape = count % 2 == 0 ? [2, -1] : [-1] });
                break;
            case 17 when shape.Length >= 2:
                Add(new ReduceNode { Name = Next(), Inputs = [name], Function = Pick(Reduction.Mean, Reduction.Sum), Axes = [_random.NextInt(shape.Length)], KeepsAxes = Chance(0.3) });
                break;
            case 18 when shape.Length > 0:
                string parameter = Add(new ParameterNode { Name = Next(), Shape = [shape[^1]], Value = Share([shape[^1]]) });
                Add(new ArithmeticNode { Name = Next(), Inputs = [name, parameter], Function = Pick(ArithmeticFunction.Add, ArithmeticFunction.Multiply) });
                break;
            case 19 when _tokens.Count > 0:
                Embed("tokens");
                break;
            default:
                Add(new IdentityNode { Name = Next(), Inputs = [name] });
                break;
        }
    }

    private void AddConvolution(string name, ImmutableArray<int> shape)
    {
        int groups = Chance(0.3) ? shape[0] : 1;
        int outputs = groups > 1 ? groups * Pick(1, 2) : Chance(0.4) ? shape[0] : Pick(2, 4);
        ImmutableArray<int> kernel = [.. shape[1..].Select(length => 1 + _random.NextInt(Math.Min(3, length)))];
        Add(new ConvolutionNode
        {
            Name = Next(),
            Inputs = [name],
            Outputs = outputs,
            Kernel = kernel,
            Stride = [.. kernel.Select(_ => Pick(1, 1, 2))],
            Padding = [.. kernel.Select(_ => Pick(0, 1))],
            Groups = groups,
            HasBias = Chance(0.7),
            Weight = Share([outputs, shape[0] / groups, .. kernel]),
            Bias = Share([outputs]),
        });
    }

    // The outputs of a weight that is there already, if one fits.
    private string AddLinear(string name, int outputs)
    {
        int width = ShapeOf(name)[^1];
        bool last = _nodes.Count > 0 && _nodes[^1] is ActivationNode { Function: Activation.Tanh };
        (string weight, ImmutableArray<int> shape) = _parameters.LastOrDefault(p => p.Shape.Length == 2 && p.Shape[1] == width && Chance(0.5));
        if (weight is not null && (!last || shape[0] == outputs))
        {
            return Add(new LinearNode { Name = Next(), Inputs = [name], Outputs = shape[0], Weight = weight, HasBias = Chance(0.5), Bias = Share([shape[0]]) });
        }

        return Add(new LinearNode { Name = Next(), Inputs = [name], Outputs = outputs, HasBias = Chance(0.8), Bias = Share([outputs]) });
    }

    private string Embed(string tokens)
    {
        int vocabulary = _tokens[tokens];
        int width = Pick(2, 3);
        return Add(new EmbeddingNode { Name = Next(), Inputs = [tokens], Vocabulary = vocabulary, Width = width, Weight = Share([vocabulary, width]) });
    }

    // A shared parameter's name, or none.
    private string? Share(ImmutableArray<int> shape) => _parameters.Where(p => p.Shape.SequenceEqual(shape) && Chance(0.4)).Select(p => p.Name).FirstOrDefault();

    private string Vector(string name, ImmutableArray<int> shape)
    {
        string flat = shape.Length == 1 ? name : Add(new ReshapeNode { Name = Next(), Inputs = [name], Shape = [-1] });
        return Shapes.Count(shape) <= 24 ? flat : Add(new AdaptivePoolNode { Name = Next(), Inputs = [Add(new ReshapeNode { Name = Next(), Inputs = [flat], Shape = [1, -1] })], Function = Pooling.Mean, Size = [8] }, flatten: true);
    }

    private string Add(NetworkNode node, bool flatten = false)
    {
        ImmutableArray<ImmutableArray<int>> inputs = [.. node.Inputs.Select(ShapeOf)];
        ImmutableArray<int> shape = node.Infer(inputs);
        _nodes.Add(node);
        _values.Add((node.Name, shape));
        _read.UnionWith(node.Inputs);
        _parameters.AddRange(node.Tensors(inputs).Where(use => use.IsParameter && _parameters.All(p => p.Name != use.Name)).Select(use => (use.Name, use.Shape)));
        return flatten ? Add(new ReshapeNode { Name = Next(), Inputs = [node.Name], Shape = [-1] }) : node.Name;
    }

    private ImmutableArray<int> ShapeOf(string name) => _tokens.ContainsKey(name) ? _inputs.First(i => i.Name == name).Shape : _values.First(v => v.Name == name).Shape;

    private string Next() => $"n{_names++}";

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private T Pick<T>(params T[] choices) => choices[_random.NextInt(choices.Length)];
}
