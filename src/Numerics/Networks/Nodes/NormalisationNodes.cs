using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>A normalisation followed by a scale and a shift per channel: y = xhat * weight + bias.</summary>
public abstract record NormalisationNode : NetworkNode
{
    /// <summary>Is added to the variance before its root is taken. Default: 1e-5.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Whether there are a scale and a shift. Default: yes.</summary>
    public bool HasAffine { get; init; } = true;

    /// <summary>The scale's name, to share it. Default: NAME.weight.</summary>
    public string? Weight { get; init; }

    /// <summary>The shift's name, to share it. Default: NAME.bias.</summary>
    public string? Bias { get; init; }

    internal string WeightName => Own(Weight, "weight");

    internal string BiasName => Own(Bias, "bias");

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        if (!double.IsFinite(Epsilon) || Epsilon < 0)
        {
            throw Invalid($"its epsilon must be finite and not negative, but is {Epsilon}");
        }

        Check(inputs[0]);
        return inputs[0];
    }

    internal override ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs)
    {
        ImmutableArray<int> shape = AffineShape(inputs[0]);
        return HasAffine
            ? [new ParameterUse(WeightName, shape, ParameterRole.Scale), new ParameterUse(BiasName, shape, ParameterRole.Bias)]
            : [];
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        torch.Tensor normalised = Normalise(call);
        if (!HasAffine)
        {
            return normalised;
        }

        call.Reads = normalised;
        return Align(call.Tensor(BiasName), normalised).addcmul(normalised, Align(call.Tensor(WeightName), normalised), 1);
    }

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => 8.0 * Shapes.Count(output);

    internal abstract ImmutableArray<int> AffineShape(ImmutableArray<int> input);

    private protected abstract void Check(ImmutableArray<int> input);

    private protected abstract torch.Tensor Normalise(NodeCall call);

    private protected abstract torch.Tensor Align(torch.Tensor affine, torch.Tensor value);

    private protected static torch.Tensor PerChannel(torch.Tensor values, torch.Tensor like) =>
        values.view([1, values.shape[0], .. Enumerable.Repeat(1L, (int)like.dim() - 2)]);
}

/// <summary>Batch norm over the channels, axis 0, with the running statistics: in evaluation mode rows do not mix.</summary>
public sealed record BatchNormNode : NormalisationNode
{
    private const double Momentum = 0.1;

    /// <summary>The name of the running mean, [channels], which is never adapted. Default: NAME.running_mean.</summary>
    public string? Mean { get; init; }

    /// <summary>The name of the running variance, [channels], which is never adapted. Default: NAME.running_var.</summary>
    public string? Variance { get; init; }

    internal string MeanName => Own(Mean, "running_mean");

    internal string VarianceName => Own(Variance, "running_var");

    internal override ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs) =>
    [
        .. base.Tensors(inputs),
        new ParameterUse(MeanName, AffineShape(inputs[0]), ParameterRole.RunningMean),
        new ParameterUse(VarianceName, AffineShape(inputs[0]), ParameterRole.RunningVariance),
    ];

    internal override ImmutableArray<int> AffineShape(ImmutableArray<int> input) => [input[0]];

    private protected override void Check(ImmutableArray<int> input)
    {
        if (input.Length is < 1 or > 3)
        {
            throw Invalid($"it reads [C], [C, L] or [C, H, W] for one row, not {Shapes.Text(input)}");
        }
    }

    private protected override torch.Tensor Normalise(NodeCall call)
    {
        torch.Tensor x = call.X;
        torch.Tensor mean = call.Tensor(MeanName);
        torch.Tensor variance = call.Tensor(VarianceName);
        // A single value has no variance: it is normalised as in evaluation mode.
        if (call.Training && x.numel() > mean.numel())
        {
            return torch.nn.functional.batch_norm(x, mean, variance, null, null, training: true, Momentum, Epsilon);
        }

        return (x - PerChannel(mean, x)) * PerChannel((variance + Epsilon).rsqrt(), x);
    }

    private protected override torch.Tensor Align(torch.Tensor affine, torch.Tensor value) => PerChannel(affine, value);
}

/// <summary>Layer norm over the last axes, with a scale and a shift of their shape.</summary>
public sealed record LayerNormNode : NormalisationNode
{
    /// <summary>How many of the last axes are normalised together. Default: 1.</summary>
    public int Axes { get; init; } = 1;

    internal override ImmutableArray<int> AffineShape(ImmutableArray<int> input) => input[^Axes..];

    private protected override void Check(ImmutableArray<int> input)
    {
        if (Axes < 1 || Axes > input.Length)
        {
            throw Invalid($"it cannot normalise the last {Axes} axes of {Shapes.Text(input)}");
        }
    }

    private protected override torch.Tensor Normalise(NodeCall call) =>
        torch.nn.functional.layer_norm(call.X, call.X.shape[^Axes..], null, null, Epsilon);

    private protected override torch.Tensor Align(torch.Tensor affine, torch.Tensor value) => affine;
}

/// <summary>Group norm: each group of channels, axis 0, is normalised together with its positions. One group per channel is instance norm.</summary>
public sealed record GroupNormNode : NormalisationNode
{
    /// <summary>The number of groups, which divides the channels.</summary>
    public required int Groups { get; init; }

    internal override ImmutableArray<int> AffineShape(ImmutableArray<int> input) => [input[0]];

    private protected override void Check(ImmutableArray<int> input)
    {
        if (input.Length is < 1 or > 3 || Groups < 1 || input[0] % Groups != 0)
        {
            throw Invalid($"it cannot normalise {Shapes.Text(input)} in {Groups} groups of channels");
        }
    }

    private protected override torch.Tensor Normalise(NodeCall call) => torch.nn.functional.group_norm(call.X, Groups, null, null, Epsilon);

    private protected override torch.Tensor Align(torch.Tensor affine, torch.Tensor value) => PerChannel(affine, value);
}
