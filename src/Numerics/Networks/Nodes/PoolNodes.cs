using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>The largest or the mean value in a window, per channel. [C, L] or [C, H, W]; positions are rounded down.</summary>
public sealed record PoolNode : NetworkNode
{
    /// <summary>What is computed.</summary>
    public required Pooling Function { get; init; }

    /// <summary>The window's length per axis.</summary>
    public required ImmutableArray<int> Kernel { get; init; }

    /// <summary>Steps per axis. Default: the window's length.</summary>
    public ImmutableArray<int> Stride { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Padding on both sides, per axis, at most half of the window. Default: 0.</summary>
    public ImmutableArray<int> Padding { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Distance between the elements of a window; for the largest value only. Default: 1.</summary>
    public ImmutableArray<int> Dilation { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Whether padded zeros count in a mean. Default: yes, as in PyTorch.</summary>
    public bool CountsPadding { get; init; } = true;

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        ImmutableArray<int> x = inputs[0];
        if (x.Length is not (2 or 3) || !Enum.IsDefined(Function))
        {
            throw Invalid($"it reads [C, L] or [C, H, W] for one row, not {Shapes.Text(x)}");
        }

        Window w = Window.Require(x.Length - 1, Kernel, Stride.IsDefaultOrEmpty ? Kernel : Stride, Padding, Dilation, Invalid);
        if (w.Padding.Zip(w.Kernel, (p, k) => 2 * p > k).Any(b => b))
        {
            throw Invalid("its padding is more than half of its window");
        }

        if (Function == Pooling.Mean && w.Dilation.Any(d => d != 1))
        {
            throw Invalid("a mean has no dilation");
        }

        return [x[0], .. w.Slide(x[1..], Invalid)];
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        Window w = Window.Of(Kernel.Length, Kernel, Stride.IsDefaultOrEmpty ? Kernel : Stride, Padding, Dilation);

        // One axis is two with a window of 1 in the first.
        bool flat = Kernel.Length == 1;
        torch.Tensor x = flat ? call.X.unsqueeze(2) : call.X;
        torch.Tensor pooled = Function == Pooling.Max
            ? torch.nn.functional.max_pool2d(x, Two(w.LongKernel, 1), Two(w.LongStride, 1), Two(w.LongPadding, 0), Two(w.LongDilation, 1), ceil_mode: false)
            : torch.nn.functional.avg_pool2d(x, Two(w.LongKernel, 1), Two(w.LongStride, 1), Two(w.LongPadding, 0), ceil_mode: false, count_include_pad: CountsPadding);
        return flat ? pooled.squeeze(2) : pooled;
    }

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => (double)Shapes.Count(output) * Shapes.Count(Kernel);

    private static long[] Two(long[] values, long first) => values.Length == 2 ? values : [first, values[0]];
}

/// <summary>The largest or the mean value in windows that are chosen to give so many positions. Size 1 is global pooling.</summary>
public sealed record AdaptivePoolNode : NetworkNode
{
    /// <summary>What is computed.</summary>
    public required Pooling Function { get; init; }

    /// <summary>Positions per axis.</summary>
    public required ImmutableArray<int> Size { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        ImmutableArray<int> x = inputs[0];
        if (x.Length is not (2 or 3) || Size.IsDefault || Size.Length != x.Length - 1 || Size.Any(s => s is < 1 or > 4096) || !Enum.IsDefined(Function))
        {
            throw Invalid($"it reads [C, L] or [C, H, W] for one row and gives from 1 to 4096 positions per axis; it has {Shapes.Text(x)}");
        }

        return [x[0], .. Size];
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        torch.Tensor x = Size.Length == 1 ? call.X.unsqueeze(2) : call.X;
        long[] size = Size.Length == 1 ? [1, Size[0]] : [Size[0], Size[1]];
        torch.Tensor pooled = Function == Pooling.Max
            ? torch.nn.functional.adaptive_max_pool2d(x, size)
            : torch.nn.functional.adaptive_avg_pool2d(x, size);
        return Size.Length == 1 ? pooled.squeeze(2) : pooled;
    }

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => Shapes.Count(inputs[0]);
}

/// <summary>What a window becomes.</summary>
public enum Pooling
{
    /// <summary>Its largest value.</summary>
    Max,

    /// <summary>Its mean.</summary>
    Mean,
}
