using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Normalisations. Scale and shift are the node's own where they are parameters of its shape, otherwise arithmetic after it.</summary>
internal static class NormalisationOperators
{
    internal static void Batch(NodeConversion call)
    {
        if (call.Node.Integer("training_mode", 0) != 0 || (call.Graph.Graph.Opset < 14 && call.Node.Outputs.Count > 1))
        {
            throw call.Refuse("it is in training mode", "call model.eval() before the export");
        }

        RowValue x = RequireChannels(call);
        double epsilon = Decimals.Of(call.Node.Number("epsilon", 1e-5f));
        int channels = x.Shape.Axes[1].Length;
        (string mean, string variance) = (Statistic(call, 3, channels), Statistic(call, 4, channels));
        Finish(call, x, 1, 2, [channels], [channels, .. Ones(x)], (name, own) =>
            new BatchNormNode
            {
                Name = name,
                Inputs = [x.Node],
                Epsilon = epsilon,
                Mean = mean,
                Variance = variance,
                HasAffine = own is not null,
                Weight = own?.Weight,
                Bias = own?.Bias,
            });
    }

    internal static void Layer(NodeConversion call)
    {
        RowValue x = call.Row(0);
        int first = call.Axis(call.Node.Integer("axis", -1), x.Shape.Rank);
        for (int axis = first; axis < x.Shape.Rank; axis++)
        {
            call.RowAxis(x.Shape, axis, "normalises along");
        }

        double epsilon = Decimals.Of(call.Node.Number("epsilon", 1e-5f));
        int axes = x.Shape.Rank - first;
        ImmutableArray<int> shape = [.. x.Shape.Axes.Skip(first).Select(a => a.Length)];
        Finish(call, x, 1, 2, shape, null, (name, own) =>
            new LayerNormNode
            {
                Name = name,
                Inputs = [x.Node],
                Epsilon = epsilon,
                Axes = axes,
                HasAffine = own is not null,
                Weight = own?.Weight,
                Bias = own?.Bias,
            });
    }

    internal static void Instance(NodeConversion call)
    {
        RowValue x = RequireChannels(call);
        int channels = x.Shape.Axes[1].Length;
        Group(call, x, channels, [channels], [channels, .. Ones(x)]);
    }

    internal static void Group(NodeConversion call)
    {
        RowValue x = RequireChannels(call);
        int channels = x.Shape.Axes[1].Length;
        long groups = call.Node.Integer("num_groups", 0);
        if (groups < 1 || channels % groups != 0)
        {
            throw call.Refuse($"its {groups} groups do not divide {channels} channels", ModelErrors.ExportAgain);
        }

        if (call.Graph.Graph.Opset >= 21 || groups == channels)
        {
            Group(call, x, (int)groups, [channels], [channels, .. Ones(x)]);
            return;
        }

        // Until opset 20, scale and shift are one number per group: arithmetic on [N, groups, the rest].
        double epsilon = Decimals.Of(call.Node.Number("epsilon", 1e-5f));
        RowValue normal = call.Emit(name => new GroupNormNode { Name = name, Inputs = [x.Node], Groups = (int)groups, Epsilon = epsilon, HasAffine = false }, x.Shape);
        RowValue grouped = call.Reshape(normal, SymbolicShape.OfRows([(int)groups, (int)(x.Shape.Count / groups)]));
        grouped = Scaled(call, grouped, 1, ArithmeticFunction.Multiply, 1, [(int)groups, 1]);
        grouped = Scaled(call, grouped, 2, ArithmeticFunction.Add, 0, [(int)groups, 1]);
        call.Set(call.Reshape(grouped, x.Shape));
    }

    private static void Group(NodeConversion call, RowValue x, int groups, ImmutableArray<int> affine, ImmutableArray<int> aligned)
    {
        double epsilon = Decimals.Of(call.Node.Number("epsilon", 1e-5f));
        Finish(call, x, 1, 2, affine, aligned, (name, own) =>
            new GroupNormNode
            {
                Name = name,
                Inputs = [x.Node],
                Groups = groups,
                Epsilon = epsilon,
                HasAffine = own is not null,
                Weight = own?.Weight,
                Bias = own?.Bias,
            });
    }

    // The normalisation with its own scale and shift, or arithmetic after it with whatever they are.
    private static void Finish(
        NodeConversion call,
        RowValue x,
        int scale,
        int shift,
        ImmutableArray<int> shape,
        ImmutableArray<int>? aligned,
        Func<string, (string Weight, string Bias)?, NetworkNode> make)
    {
        if (Own(call, scale, shape) is { } weight && Own(call, shift, shape) is { } bias)
        {
            call.Set(call.Emit(name => make(name, (weight, bias)), x.Shape));
            return;
        }

        RowValue value = call.Emit(name => make(name, null), x.Shape);
        value = Scaled(call, value, scale, ArithmeticFunction.Multiply, 1, aligned);
        call.Set(Scaled(call, value, shift, ArithmeticFunction.Add, 0, aligned));
    }

    private static string? Own(NodeConversion call, int input, ImmutableArray<int> shape) =>
        call.Parameter(input) is { } tensor && tensor.Shape.SequenceEqual(shape) ? call.Graph.Straight(tensor) : null;

    private static RowValue Scaled(NodeConversion call, RowValue x, int input, ArithmeticFunction function, double neutral, ImmutableArray<int>? aligned)
    {
        if (!call.Has(input) || (call.IsHost(input) && call.Host(input, "scale").Values.All(v => !v.TimesRows && v.Value == neutral)))
        {
            return x;
        }

        RowValue by = call.Row(input);
        if (aligned is { } lengths)
        {
            by = by.Shape.Row.SequenceEqual([lengths[0]]) && !by.Shape.HasRows
                ? call.Reshape(by, SymbolicShape.Fixed(lengths))
                : throw call.Refuse($"its scale or shift {by.Shape} does not fit {x.Shape}", ModelErrors.ExportAgain);
        }

        return ArithmeticOperators.Combine(call, function, x, by);
    }

    private static string Statistic(NodeConversion call, int input, int channels) =>
        call.Value(input) is TensorValue tensor && tensor.Tensor.IsFloat && tensor.Shape.SequenceEqual([channels]) && call.Graph.Straight(tensor) is { } name
            ? name
            : throw call.Refuse($"its input {input}, a running statistic, is no tensor [{channels}] of the file", "call model.eval() before the export");

    private static RowValue RequireChannels(NodeConversion call)
    {
        RowValue x = call.Row(0);
        return x.Shape.Rank is >= 2 and <= 4 && x.Shape.Axes[0].IsRows
            ? x
            : throw call.Refuse($"it reads {x.Shape}, where N is the number of rows; [N, channels], and one or two axes more, are read", "keep the rows as the first axis");
    }

    private static IEnumerable<int> Ones(RowValue x) => Enumerable.Repeat(1, x.Shape.Rank - 2);
}
