using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>The window of a convolution or a pooling over the last one or two axes of [N, C, ...].</summary>
internal sealed record WindowAttributes(
    ImmutableArray<int> Kernel, ImmutableArray<int> Stride, ImmutableArray<int> Dilation, ImmutableArray<int> Before, ImmutableArray<int> After)
{
    private const int Largest = 1 << 16;

    internal bool IsSymmetric => Before.SequenceEqual(After);

    /// <summary>Reads and checks the attributes.</summary>
    /// <param name="call">The node.</param>
    /// <param name="x">What it reads.</param>
    /// <param name="kernel">The kernel's lengths where the weight says them; otherwise the attribute must.</param>
    internal static WindowAttributes Read(NodeConversion call, SymbolicShape x, ImmutableArray<int>? kernel = null)
    {
        RequireImage(call, x);
        int axes = x.Rank - 2;
        ImmutableArray<int> own = Lengths(call, "kernel_shape", axes, 1, kernel);
        ImmutableArray<int> stride = Lengths(call, "strides", axes, 1, Repeat(1, axes));
        ImmutableArray<int> dilation = Lengths(call, "dilations", axes, 1, Repeat(1, axes));
        string padding = call.Node.Text("auto_pad", "NOTSET");
        ImmutableArray<int> pads = padding switch
        {
            "NOTSET" or "" => Lengths(call, "pads", 2 * axes, 0, Repeat(0, 2 * axes)),
            "VALID" => Repeat(0, 2 * axes),
            "SAME_UPPER" or "SAME_LOWER" => Same(x, own, stride, dilation, padding == "SAME_UPPER"),
            _ => throw call.Refuse($"its padding {ModelErrors.Quote(padding)} is not known"),
        };
        return kernel is null || own.SequenceEqual(kernel.Value)
            ? new WindowAttributes(own, stride, dilation, pads[..axes], pads[axes..])
            : throw call.Refuse("its kernel_shape is not that of its weight", ModelErrors.ExportAgain);
    }

    /// <summary>The shape with these positions.</summary>
    internal SymbolicShape Slide(NodeConversion call, SymbolicShape x, int channels, bool roundsUp = false)
    {
        var axes = new List<Axis> { x.Axes[0], Axis.Of(channels) };
        for (int i = 0; i < Kernel.Length; i++)
        {
            long span = ((long)Dilation[i] * (Kernel[i] - 1)) + 1;
            long room = (long)x.Axes[i + 2].Length + Before[i] + After[i] - span;
            if (room < 0 || (roundsUp && room % Stride[i] != 0))
            {
                throw call.Refuse(
                    room < 0 ? $"its window of {span} does not fit axis {i + 2} of {x}" : "it rounds the number of positions up (ceil_mode)",
                    room < 0 ? ModelErrors.ExportAgain : "use ceil_mode=False, or sizes that fit");
            }

            axes.Add(Axis.Of((int)(room / Stride[i]) + 1));
        }

        return new SymbolicShape([.. axes]);
    }

    /// <summary>What is read, padded where both sides differ, and the window without that padding.</summary>
    internal (RowValue X, WindowAttributes Window) Pad(NodeConversion call, RowValue x, double value)
    {
        SymbolicShape shape = x.Shape;
        for (int i = 0; i < Kernel.Length; i++)
        {
            shape = shape.With(i + 2, Axis.Of(shape.Axes[i + 2].Length + Before[i] + After[i]));
        }

        ImmutableArray<int> none = Repeat(0, Kernel.Length);
        return (ShapeOperators.Padded(call, x, [0, .. Before], [0, .. After], value, shape), this with { Before = none, After = none });
    }

    /// <summary>Throws unless a value is [N, C, L] or [N, C, H, W].</summary>
    internal static void RequireImage(NodeConversion call, SymbolicShape x)
    {
        if (x.Rank is not (3 or 4) || !x.Axes[0].IsRows)
        {
            throw call.Refuse($"it reads {x}, where N is the number of rows; [N, channels, length] and [N, channels, height, width] are read", "keep the rows as the first axis");
        }
    }

    private static ImmutableArray<int> Same(SymbolicShape x, ImmutableArray<int> kernel, ImmutableArray<int> stride, ImmutableArray<int> dilation, bool isUpper)
    {
        var before = new List<int>();
        var after = new List<int>();
        for (int i = 0; i < kernel.Length; i++)
        {
            int length = x.Axes[i + 2].Length;
            long positions = ((long)length + stride[i] - 1) / stride[i];
            long span = ((long)dilation[i] * (kernel[i] - 1)) + 1;
            int total = (int)Math.Clamp(((positions - 1) * stride[i]) + span - length, 0, Largest);
            before.Add(isUpper ? total / 2 : total - (total / 2));
            after.Add(total - before[i]);
        }

        return [.. before, .. after];
    }

    private static ImmutableArray<int> Lengths(NodeConversion call, string name, int count, int least, ImmutableArray<int>? otherwise)
    {
        if (call.Node.Integers(name) is not { } values)
        {
            return otherwise ?? throw call.Refuse($"its attribute '{name}' is missing", ModelErrors.ExportAgain);
        }

        return values.Length == count && values.All(v => v >= least && v <= Largest)
            ? [.. values.Select(v => (int)v)]
            : throw call.Refuse($"its {name} must be {count} numbers from {least} to {Largest}", ModelErrors.ExportAgain);
    }

    private static ImmutableArray<int> Repeat(int value, int count) => [.. Enumerable.Repeat(value, count)];
}
