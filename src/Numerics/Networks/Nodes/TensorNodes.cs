using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>A learned tensor that is a value of its own, the same for every row: a learned position, a bias that is added.</summary>
public sealed record ParameterNode : NetworkNode
{
    /// <summary>Its shape; empty for a single number.</summary>
    public required ImmutableArray<int> Shape { get; init; }

    /// <summary>The parameter's name, to share it. Default: the node's.</summary>
    public string? Value { get; init; }

    internal string ValueName => Value ?? Name;

    internal override (int Least, int Most) Arity => (0, 0);

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs) => Shape;

    internal override ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs) => [new ParameterUse(ValueName, Shape, ParameterRole.Value)];

    internal override torch.Tensor Forward(NodeCall call) => call.Tensor(ValueName).unsqueeze(0).expand(Shapes.WithRows(call.Rows, Shape));
}

/// <summary>A tensor that is not learned, the same for every row.</summary>
public sealed record ConstantNode : NetworkNode
{
    /// <summary>Its shape; empty for a single number.</summary>
    public required ImmutableArray<int> Shape { get; init; }

    internal override (int Least, int Most) Arity => (0, 0);

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs) => Shape;

    internal override ImmutableArray<ParameterUse> Tensors(ImmutableArray<ImmutableArray<int>> inputs) => [new ParameterUse(Name, Shape, ParameterRole.Constant)];

    internal override torch.Tensor Forward(NodeCall call) => call.Tensor(Name).unsqueeze(0).expand(Shapes.WithRows(call.Rows, Shape));
}
