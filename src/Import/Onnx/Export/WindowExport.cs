using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Export;

/// <summary>Writes convolutions and poolings.</summary>
internal sealed class WindowExport(OnnxBuilder builder, string x, ImmutableArray<int> shape, string name)
{
    internal string Convolution(ConvolutionNode node, string weight, string? bias) => builder.Add(
        "Conv",
        bias is null ? [x, weight] : [x, weight, bias],
        name,
        [.. Attributes(node.WindowOf(node.Kernel.Length)), OnnxBuilder.Integer("group", node.Groups)]);

    internal string Pool(PoolNode node)
    {
        Window window = Window.Of(node.Kernel.Length, node.Kernel, node.Stride.IsDefaultOrEmpty ? node.Kernel : node.Stride, node.Padding, node.Dilation);
        return node.Function == Pooling.Max
            ? builder.Add("MaxPool", [x], name, [.. Attributes(window)])
            : builder.Add("AveragePool", [x], name, [.. Attributes(window with { Dilation = [] }), OnnxBuilder.Integer("count_include_pad", node.CountsPadding ? 1 : 0)]);
    }

    /// <summary>Windows of one length are a pooling; others are one pooling per position and axis, put together.</summary>
    internal string Adaptive(AdaptivePoolNode node)
    {
        if (node.Size.All(s => s == 1))
        {
            return builder.Add(node.Function == Pooling.Max ? "GlobalMaxPool" : "GlobalAveragePool", [x], name);
        }

        ImmutableArray<int> lengths = shape[1..];
        if (lengths.Zip(node.Size, (l, s) => l % s).All(rest => rest == 0))
        {
            ImmutableArray<int> kernel = [.. lengths.Zip(node.Size, (l, s) => l / s)];
            return Slide(node.Function, x, kernel, kernel, name);
        }

        string pooled = x;
        for (int axis = 0; axis < lengths.Length; axis++)
        {
            pooled = AdaptiveAxis(node, pooled, axis, lengths);
        }

        return builder.Add("Identity", [pooled], name);
    }

    // Position i is over floor(i L / s) to ceil((i + 1) L / s), as in PyTorch. Means of rectangles are means of means.
    private string AdaptiveAxis(AdaptivePoolNode node, string value, int axis, ImmutableArray<int> lengths)
    {
        (long length, long size) = (lengths[axis], node.Size[axis]);
        var parts = new List<string>();
        for (long i = 0; i < size; i++)
        {
            long start = i * length / size;
            long end = (((i + 1) * length) + size - 1) / size;
            string window = builder.Add("Slice", [value, builder.Wholes(start), builder.Wholes(end), builder.Wholes(axis + 2)], null);
            ImmutableArray<int> ones = [.. lengths.Select(_ => 1)];
            parts.Add(Slide(node.Function, window, ones.SetItem(axis, (int)(end - start)), ones, null));
        }

        return builder.Add("Concat", [.. parts], null, OnnxBuilder.Integer("axis", axis + 2));
    }

    private string Slide(Pooling function, string value, ImmutableArray<int> kernel, ImmutableArray<int> stride, string? output) => builder.Add(
        function == Pooling.Max ? "MaxPool" : "AveragePool", [value], output, OnnxBuilder.Integers("kernel_shape", kernel), OnnxBuilder.Integers("strides", stride));

    private static IEnumerable<OnnxSchema.AttributeProto> Attributes(Window window)
    {
        yield return OnnxBuilder.Integers("kernel_shape", window.Kernel);
        yield return OnnxBuilder.Integers("strides", window.Stride);
        yield return OnnxBuilder.Integers("pads", window.Padding.Concat(window.Padding));
        if (!window.Dilation.IsDefaultOrEmpty)
        {
            yield return OnnxBuilder.Integers("dilations", window.Dilation);
        }
    }
}
