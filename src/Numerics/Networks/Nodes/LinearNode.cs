using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>A fully connected layer on the last axis: y = x W^T + b. [.., d_in] to [.., d_out].</summary>
public sealed record LinearNode : NetworkNode
{
    /// <summary>d_out, at least 1.</summary>
    public required int Outputs { get; init; }

    /// <summary>Whether there is a bias. Default: yes.</summary>
    public bool HasBias { get; init; } = true;

    /// <summary>The weight's name, [d_out, d_in], to share it. Default: NAME.weight.</summary>
    public string? Weight { get; init; }

    /// <summary>The bias's name, [d_out], to share it. Default: NAME.bias.</summary>
    public string? Bias { get; init; }

    internal string WeightName => Own(Weight, "weight");

    internal string BiasName => Own(Bias, "bias");

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        if (Outputs < 1)
        {
            throw Invalid($"it must have at least 1 output, but has {Outputs}");
        }

        return inputs[0].Length > 0 ? inputs[0].SetItem(inputs[0].Length - 1, Outputs) : throw Invalid("it reads a single number per row: reshape it to [1] first");
    }

    internal override ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs)
    {
        var weight = new ParameterUse(WeightName, [Outputs, inputs[0][^1]], ParameterRole.Weight, inputs[0][^1]);
        return HasBias ? [weight, new ParameterUse(BiasName, [Outputs], ParameterRole.Bias)] : [weight];
    }

    internal override torch.Tensor Forward(NodeCall call) =>
        torch.nn.functional.linear(call.X, call.Tensor(WeightName), HasBias ? call.Tensor(BiasName) : null);

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => 2.0 * Shapes.Count(output) * inputs[0][^1];
}
