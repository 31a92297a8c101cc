using System.Collections.Immutable;
using AdaptCluster.Numerics.Errors;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>A window that slides over one or two axes: of a convolution or a pooling.</summary>
internal sealed record Window(ImmutableArray<int> Kernel, ImmutableArray<int> Stride, ImmutableArray<int> Padding, ImmutableArray<int> Dilation)
{
    private const int Largest = 1 << 16;

    internal long[] LongKernel => Long(Kernel);

    internal long[] LongStride => Long(Stride);

    internal long[] LongPadding => Long(Padding);

    internal long[] LongDilation => Long(Dilation);

    /// <summary>Fills in the defaults.</summary>
    internal static Window Of(int axes, ImmutableArray<int> kernel, ImmutableArray<int> stride, ImmutableArray<int> padding, ImmutableArray<int> dilation) =>
        new(kernel, Or(stride, axes, 1), Or(padding, axes, 0), Or(dilation, axes, 1));

    /// <summary>Fills in the defaults and checks the ranges.</summary>
    internal static Window Require(
        int axes,
        ImmutableArray<int> kernel,
        ImmutableArray<int> stride,
        ImmutableArray<int> padding,
        ImmutableArray<int> dilation,
        Func<string, InvalidNetworkException> invalid)
    {
        Window w = Of(axes, kernel, stride, padding, dilation);
        foreach ((string name, ImmutableArray<int> values, int least) in new[]
        {
            ("kernel", w.Kernel, 1), ("stride", w.Stride, 1), ("padding", w.Padding, 0), ("dilation", w.Dilation, 1),
        })
        {
            if (values.IsDefault || values.Length != axes || values.Any(v => v < least || v > Largest))
            {
                throw invalid($"its {name} must be {axes} number{(axes == 1 ? string.Empty : "s")} from {least} to {Largest}, one per axis");
            }
        }

        return w;
    }

    /// <summary>The number of positions along each axis.</summary>
    internal ImmutableArray<int> Slide(ImmutableArray<int> lengths, Func<string, InvalidNetworkException> invalid)
    {
        ImmutableArray<int>.Builder positions = ImmutableArray.CreateBuilder<int>(lengths.Length);
        for (int axis = 0; axis < lengths.Length; axis++)
        {
            long span = ((long)Dilation[axis] * (Kernel[axis] - 1)) + 1;
            long room = lengths[axis] + (2L * Padding[axis]) - span;
            if (room < 0)
            {
                throw invalid($"its window of {span} does not fit an axis of {lengths[axis]} with a padding of {Padding[axis]}");
            }

            positions.Add((int)(room / Stride[axis]) + 1);
        }

        return positions.MoveToImmutable();
    }

    private static ImmutableArray<int> Or(ImmutableArray<int> values, int axes, int otherwise) =>
        values.IsDefaultOrEmpty ? [.. Enumerable.Repeat(otherwise, axes)] : values;

    private static long[] Long(ImmutableArray<int> values) => [.. values.Select(v => (long)v)];
}
