using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Tests.Support;

/// <summary>Random networks of all kinds of nodes, from a seed.</summary>
internal sealed class RandomNetworks
{
    private readonly Random _random;
    private readonly List<NetworkNode> _nodes = [];
    private readonly Dictionary<string, int[]> _shapes = new(StringComparer.Ordinal);
    private string _value = "x";
    private int _made;

    private RandomNetworks(int seed)
    {
        _random = new Random(seed);
    }

    private int[] Shape => _shapes[_value];

    /// <summary>A network with weights; inputs named "index" hold 0 to 3.</summary>
    public static NetworkWeights Make(int seed)
    {
        NetworkSpec spec = new RandomNetworks(seed).Spec();
        float[] fixedValues = [.. spec.Fixed.SelectMany((b, i) => Numbers.Normals(seed + i, b.Count).Select(v => (float)(b.Name.EndsWith("running_var", StringComparison.Ordinal) ? 0.5 + Math.Abs(v) : v)))];
        return new NetworkWeights(spec, [.. Numbers.Normals(seed, spec.ParameterCount).Select(v => (float)(0.4 * v))], fixedValues);
    }

    private NetworkSpec Spec()
    {
        int[] shape = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => _random.Next(2, 7))];
        _shapes["x"] = shape;
        var inputs = new List<NetworkInput> { new("x", [.. shape]) };
        bool hasIndex = _random.Next(3) == 0;
        if (hasIndex)
        {
            inputs.Add(new NetworkInput("index", [_random.Next(1, 4)]));
        }

        int count = _random.Next(1, 9);
        while (_nodes.Count < count)
        {
            Step();
        }

        if (hasIndex)
        {
            Embed(inputs[1]);
        }

        Reshape([Shape.Aggregate(1, (p, l) => p * l)]);
        Add(name => new LinearNode { Name = name, Inputs = [_value], Outputs = 2 }, 2); // with a bias: an output of nothing but rounding says nothing
        return new NetworkSpec([.. inputs], [.. _nodes], _value);
    }

    private void Step()
    {
        int[] s = Shape;
        int axis = _random.Next(s.Length);
        bool isImage = s.Length is 2 or 3;
        string value = _value;
        ImmutableArray<string> x = [value];
        switch (_random.Next(22))
        {
            case 0:
                int outputs = _random.Next(1, 6);
                Add(n => new LinearNode { Name = n, Inputs = x, Outputs = outputs, HasBias = _random.Next(2) == 0 }, [.. s[..^1], outputs]);
                break;
            case 1 or 2:
                var function = (Activation)_random.Next(Enum.GetValues<Activation>().Length);
                Add(n => new ActivationNode { Name = n, Inputs = x, Function = function, Alpha = function is Activation.ELU or Activation.LeakyReLU ? 0.3 : null }, s);
                break;
            case 3:
                var element = new[] { ElementFunction.Sin, ElementFunction.Cos, ElementFunction.Erf, ElementFunction.Abs, ElementFunction.Negate, ElementFunction.Square }[_random.Next(6)];
                Add(n => new ElementwiseNode { Name = n, Inputs = x, Function = element }, s);
                break;
            case 4:
                Add(n => new SoftmaxNode { Name = n, Inputs = x, Axis = axis }, s);
                break;
            case 5:
                bool keeps = _random.Next(2) == 0;
                var reduction = (Reduction)_random.Next(2);
                Add(n => new ReduceNode { Name = n, Inputs = x, Axes = [axis], Function = reduction, KeepsAxes = keeps || s.Length == 1 }, keeps || s.Length == 1 ? With(s, axis, 1) : [.. s.Where((_, a) => a != axis)]);
                break;
            case 6:
                int[] order = [.. Enumerable.Range(0, s.Length)];
                _random.Shuffle(order);
                Add(n => new TransposeNode { Name = n, Inputs = x, Order = [.. order] }, [.. order.Select(a => s[a])]);
                break;
            case 7 when s[axis] > 1:
                int start = _random.Next(s[axis] - 1);
                int step = _random.Next(1, 3);
                Add(n => new SliceNode { Name = n, Inputs = x, Axis = axis, Start = start, End = s[axis], Step = step }, With(s, axis, ((s[axis] - start - 1) / step) + 1));
                break;
            case 8:
                int[] indices = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => _random.Next(s[axis]))];
                Add(n => new GatherNode { Name = n, Inputs = x, Axis = axis, Indices = [.. indices] }, With(s, axis, indices.Length));
                break;
            case 9:
                int[] before = [.. s.Select(_ => _random.Next(2))];
                Add(n => new PadNode { Name = n, Inputs = x, Before = [.. before], After = [.. before.Reverse()], Value = 0.5 }, [.. s.Select((l, a) => l + before[a] + before[^(a + 1)])]);
                break;
            case 10:
                Add(n => new ConcatNode { Name = n, Inputs = [value, value], Axis = axis }, With(s, axis, 2 * s[axis]));
                break;
            case 11:
                string other = Leaf([.. s.Select(l => _random.Next(2) == 0 ? l : 1)]);
                var arithmetic = (ArithmeticFunction)_random.Next(3);
                bool isLeft = _random.Next(2) == 0;
                Add(n => new ArithmeticNode { Name = n, Inputs = isLeft ? [other, value] : [value, other], Function = arithmetic }, s);
                break;
            case 12 when s.Length < 3:
                string larger = Leaf([2, .. s]);
                Add(n => new ArithmeticNode { Name = n, Inputs = [value, larger], Function = ArithmeticFunction.Multiply }, [2, .. s]);
                break;
            case 13 when s.Length >= 2:
                string matrix = Leaf([s[^1], 3]);
                Add(n => new MatMulNode { Name = n, Inputs = [value, matrix] }, [.. s[..^1], 3]);
                break;
            case 14 when s.Length == 3 && s[1] == s[2]:
                Add(n => new MatMulNode { Name = n, Inputs = [value, value] }, s);
                break;
            case 15:
                int axes = _random.Next(1, s.Length + 1);
                Add(n => new LayerNormNode { Name = n, Inputs = x, Axes = axes, HasAffine = _random.Next(3) > 0, Epsilon = 0.01 }, s);
                break;
            case 16:
                Add(n => new BatchNormNode { Name = n, Inputs = x, HasAffine = _random.Next(3) > 0 }, s);
                break;
            case 17 when isImage:
                int groups = s[0] % 2 == 0 && _random.Next(2) == 0 ? 2 : s[0];
                Add(n => new GroupNormNode { Name = n, Inputs = x, Groups = groups, HasAffine = _random.Next(3) > 0, Epsilon = 0.01 }, s);
                break;
            case 18 when isImage && s[1..].All(l => l >= 2):
                Add(n => new ConvolutionNode { Name = n, Inputs = x, Outputs = 2 * s[0], Groups = _random.Next(2) == 0 ? 1 : s[0], Kernel = [.. s[1..].Select(_ => 2)], Padding = [.. s[1..].Select(_ => 1)] }, [2 * s[0], .. s[1..].Select(l => l + 1)]);
                break;
            case 19 when isImage && s[1..].All(l => l >= 2):
                var pooling = (Pooling)_random.Next(2);
                Add(n => new PoolNode { Name = n, Inputs = x, Function = pooling, Kernel = [.. s[1..].Select(_ => 2)], Padding = [.. s[1..].Select(_ => 1)], CountsPadding = _random.Next(2) == 0 }, [s[0], .. s[1..].Select(l => (l / 2) + 1)]);
                break;
            case 20 when isImage:
                int[] size = [.. s[1..].Select(l => _random.Next(1, l + 1))];
                var adaptive = (Pooling)_random.Next(2);
                Add(n => new AdaptivePoolNode { Name = n, Inputs = x, Function = adaptive, Size = [.. size] }, [s[0], .. size]);
                break;
            case 21 when s.Length < 3:
                Add(n => new ExpandNode { Name = n, Inputs = x, Shape = [2, .. s] }, [2, .. s]);
                break;
            default:
                Reshape(s.Length == 1 ? [1, s[0]] : [s[0], s[1..].Aggregate(1, (p, l) => p * l)]);
                break;
        }
    }

    private void Embed(NetworkInput index)
    {
        Reshape([Shape.Aggregate(1, (p, l) => p * l)]);
        string numbers = _value;
        _shapes["index"] = [.. index.Shape];
        Add(n => new SliceNode { Name = n, Inputs = ["index"], Axis = 0, Start = 0, End = 1 }, 1);
        string slice = _value;
        Add(n => new EmbeddingNode { Name = n, Inputs = [slice], Vocabulary = 4, Width = 3 }, 1, 3);
        Reshape([3]);
        string looked = _value;
        Add(n => new ConcatNode { Name = n, Inputs = [numbers, looked], Axis = 0 }, _shapes[numbers][0] + 3);
    }

    private string Leaf(int[] shape)
    {
        string name = $"leaf{++_made}";
        bool isParameter = _random.Next(2) == 0;
        _nodes.Add(isParameter ? new ParameterNode { Name = name, Shape = [.. shape] } : new ConstantNode { Name = name, Shape = [.. shape] });
        _shapes[name] = shape;
        return name;
    }

    private void Reshape(int[] shape)
    {
        string value = _value;
        Add(n => new ReshapeNode { Name = n, Inputs = [value], Shape = [.. shape] }, shape);
    }

    private void Add(Func<string, NetworkNode> make, params int[] shape)
    {
        string name = $"node{++_made}";
        _nodes.Add(make(name));
        _shapes[name] = shape;
        _value = name;
    }

    private static int[] With(int[] shape, int axis, int length)
    {
        int[] copy = [.. shape];
        copy[axis] = length;
        return copy;
    }
}
