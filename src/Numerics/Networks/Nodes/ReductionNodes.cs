using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>exp(x) over its sum along an axis.</summary>
public sealed record SoftmaxNode : NetworkNode
{
    /// <summary>The axis.</summary>
    public required int Axis { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        RequireAxis(Axis, inputs[0].Length);
        return inputs[0];
    }

    internal override torch.Tensor Forward(NodeCall call) => call.X.softmax(Axis + 1);

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => 6.0 * Shapes.Count(output);
}

/// <summary>The mean or the sum along axes.</summary>
public sealed record ReduceNode : NetworkNode
{
    /// <summary>What is computed.</summary>
    public required Reduction Function { get; init; }

    /// <summary>The axes, each once.</summary>
    public required ImmutableArray<int> Axes { get; init; }

    /// <summary>Whether they stay with the length 1. Default: no.</summary>
    public bool KeepsAxes { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        if (!Enum.IsDefined(Function) || Axes.IsDefaultOrEmpty || Axes.Distinct().Count() != Axes.Length)
        {
            throw Invalid("it must name a known reduction and at least one axis, each once");
        }

        foreach (int axis in Axes)
        {
            RequireAxis(axis, inputs[0].Length);
        }

        return KeepsAxes
            ? [.. inputs[0].Select((length, axis) => Axes.Contains(axis) ? 1 : length)]
            : [.. inputs[0].Where((_, axis) => !Axes.Contains(axis))];
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        long[] axes = [.. Axes.Select(a => a + 1L)];
        return Function == Reduction.Mean ? call.X.mean(axes, KeepsAxes) : call.X.sum(axes, KeepsAxes);
    }

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => Shapes.Count(inputs[0]);
}

/// <summary>What numbers along an axis become.</summary>
public enum Reduction
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,
}
