using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Convolutions and poolings.</summary>
internal static class WindowOperators
{
    internal static void Convolution(NodeConversion call)
    {
        RowValue x = call.Row(0);
        if (call.Parameter(1) is not { } weight || call.Graph.Straight(weight) is not { } name || (call.Has(2) && (call.Parameter(2) is not { } b || call.Graph.Straight(b) is null)))
        {
            throw call.Refuse("its weight or bias is no tensor of the file", "let the convolution read its parameters directly; fold nothing into them");
        }

        WindowAttributes.RequireImage(call, x.Shape);
        if (weight.Shape.Length != x.Shape.Rank)
        {
            throw call.Refuse($"its weight [{string.Join(", ", weight.Shape)}] does not fit {x.Shape}", ModelErrors.ExportAgain);
        }

        long groups = call.Node.Integer("group", 1);
        WindowAttributes window = WindowAttributes.Read(call, x.Shape, weight.Shape[2..]);
        SymbolicShape shape = window.Slide(call, x.Shape, weight.Shape[0]);
        if (groups < 1 || weight.Shape[1] * groups != x.Shape.Axes[1].Length || weight.Shape[0] % groups != 0 || (call.Parameter(2) is { } bias && !bias.Shape.SequenceEqual([weight.Shape[0]])))
        {
            throw call.Refuse($"its weight [{string.Join(", ", weight.Shape)}], its bias and its {groups} groups do not fit {x.Shape}", ModelErrors.ExportAgain);
        }

        if (!window.IsSymmetric)
        {
            (x, window) = window.Pad(call, x, 0);
        }

        call.Set(call.Emit(
            node => new ConvolutionNode
            {
                Name = node,
                Inputs = [x.Node],
                Outputs = weight.Shape[0],
                Kernel = window.Kernel,
                Stride = window.Stride,
                Padding = window.Before,
                Dilation = window.Dilation,
                Groups = (int)groups,
                Weight = name,
                HasBias = call.Has(2),
                Bias = call.Parameter(2)?.Name,
            },
            shape));
    }

    internal static void MaxPool(NodeConversion call) => Pool(call, Pooling.Max, countsPadding: true);

    internal static void AveragePool(NodeConversion call) => Pool(call, Pooling.Mean, call.Node.Integer("count_include_pad", 0) != 0);

    internal static Action<NodeConversion> Global(Pooling function) => call =>
    {
        RowValue x = call.Row(0);
        WindowAttributes.RequireImage(call, x.Shape);
        ImmutableArray<int> size = [.. Enumerable.Repeat(1, x.Shape.Rank - 2)];
        call.Set(call.Emit(
            name => new AdaptivePoolNode { Name = name, Inputs = [x.Node], Function = function, Size = size },
            new SymbolicShape([.. x.Shape.Axes[..2], .. size.Select(Axis.Of)])));
    };

    private static void Pool(NodeConversion call, Pooling function, bool countsPadding)
    {
        RowValue x = call.Row(0);
        WindowAttributes window = WindowAttributes.Read(call, x.Shape);
        SymbolicShape shape = window.Slide(call, x.Shape, x.Shape.Axes[1].Length, call.Node.Integer("ceil_mode", 0) != 0);
        bool isLarge = window.Before.Zip(window.Kernel, (p, k) => 2 * p > k).Any(b => b);
        if (function == Pooling.Mean && (window.Dilation.Any(d => d != 1) || ((!window.IsSymmetric || isLarge) && !countsPadding)))
        {
            throw call.Refuse("it averages with gaps, or with padding that is uneven or large and does not count", "use padding that is the same on both sides, at most half of the window");
        }

        if (!window.IsSymmetric || isLarge)
        {
            (x, window) = window.Pad(call, x, function == Pooling.Max ? float.MinValue : 0);
        }

        call.Set(call.Emit(
            name => new PoolNode
            {
                Name = name,
                Inputs = [x.Node],
                Function = function,
                Kernel = window.Kernel,
                Stride = window.Stride,
                Padding = window.Before,
                Dilation = window.Dilation,
                CountsPadding = countsPadding,
            },
            shape));
    }
}
