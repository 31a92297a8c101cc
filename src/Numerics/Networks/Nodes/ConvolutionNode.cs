using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>
/// A convolution over one or two axes: [C, L] or [C, H, W] to the same with <see cref="Outputs"/> channels. As in PyTorch, a cross-correlation.
/// </summary>
public sealed record ConvolutionNode : NetworkNode
{
    /// <summary>The number of output channels, a multiple of <see cref="Groups"/>.</summary>
    public required int Outputs { get; init; }

    /// <summary>The kernel's length per axis: one number for [C, L], two for [C, H, W].</summary>
    public required ImmutableArray<int> Kernel { get; init; }

    /// <summary>Steps per axis. Default: 1.</summary>
    public ImmutableArray<int> Stride { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Zeros on both sides, per axis. Default: 0.</summary>
    public ImmutableArray<int> Padding { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Distance between the kernel's elements, per axis. Default: 1.</summary>
    public ImmutableArray<int> Dilation { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Channels are split into so many groups that do not mix. Default: 1.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether there is a bias. Default: yes.</summary>
    public bool HasBias { get; init; } = true;

    /// <summary>The weight's name, [outputs, C / groups, kernel], to share it. Default: NAME.weight.</summary>
    public string? Weight { get; init; }

    /// <summary>The bias's name, [outputs], to share it. Default: NAME.bias.</summary>
    public string? Bias { get; init; }

    internal string WeightName => Own(Weight, "weight");

    internal string BiasName => Own(Bias, "bias");

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        ImmutableArray<int> x = inputs[0];
        Window window = RequireWindow(x);
        if (Groups < 1 || Outputs < 1 || x[0] % Groups != 0 || Outputs % Groups != 0)
        {
            throw Invalid($"{x[0]} channels and {Outputs} outputs do not split into {Groups} groups");
        }

        return [Outputs, .. window.Slide(x[1..], Invalid)];
    }

    internal override ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs)
    {
        int channels = inputs[0][0] / Groups;
        long fan = channels * Shapes.Count(Kernel);
        var weight = new ParameterUse(WeightName, [Outputs, channels, .. Kernel], ParameterRole.Weight, (int)Math.Min(int.MaxValue, fan));
        return HasBias ? [weight, new ParameterUse(BiasName, [Outputs], ParameterRole.Bias)] : [weight];
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        Window w = WindowOf(Kernel.Length);
        torch.Tensor? bias = HasBias ? call.Tensor(BiasName) : null;
        return Kernel.Length == 1
            ? torch.nn.functional.conv1d(call.X, call.Tensor(WeightName), bias, w.Stride[0], w.Padding[0], w.Dilation[0], Groups)
            : torch.nn.functional.conv2d(call.X, call.Tensor(WeightName), bias, w.LongStride, w.LongPadding, w.LongDilation, Groups);
    }

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) =>
        2.0 * Shapes.Count(output) * Shapes.Count(Kernel) * (inputs[0][0] / Groups);

    internal Window WindowOf(int axes) => Window.Of(axes, Kernel, Stride, Padding, Dilation);

    private Window RequireWindow(ImmutableArray<int> x)
    {
        if (x.Length is not (2 or 3))
        {
            throw Invalid($"it reads [C, L] or [C, H, W] for one row, not {Shapes.Text(x)}");
        }

        return Window.Require(x.Length - 1, Kernel, Stride, Padding, Dilation, Invalid);
    }
}
