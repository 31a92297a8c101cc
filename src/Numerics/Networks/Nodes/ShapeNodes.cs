using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>Values one after the other along an axis.</summary>
public sealed record ConcatNode : NetworkNode
{
    /// <summary>The axis.</summary>
    public required int Axis { get; init; }

    internal override (int Least, int Most) Arity => (1, int.MaxValue);

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        int axis = RequireAxis(Axis, inputs[0].Length);
        long length = 0;
        foreach (ImmutableArray<int> shape in inputs)
        {
            if (shape.Length != inputs[0].Length || shape.Where((l, a) => a != axis && l != inputs[0][a]).Any())
            {
                throw Invalid($"{Shapes.Text(inputs[0])} and {Shapes.Text(shape)} do not join along axis {axis}");
            }

            length += shape[axis];
        }

        return inputs[0].SetItem(axis, (int)Math.Min(int.MaxValue, length));
    }

    internal override torch.Tensor Forward(NodeCall call) => torch.cat(call.Inputs, dim: Axis + 1);
}

/// <summary>The same numbers in another shape. Flattening is a reshape to one axis.</summary>
public sealed record ReshapeNode : NetworkNode
{
    /// <summary>The shape; one axis may be -1 for what is left.</summary>
    public required ImmutableArray<int> Shape { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        if (Shape.IsDefault || Shape.Any(l => l < -1) || Shape.Count(l => l == -1) > 1)
        {
            throw Invalid("its shape must have lengths of at least 1, and -1 at most once");
        }

        long count = Shapes.Count(inputs[0]);
        long known = Shapes.Count([.. Shape.Where(l => l != -1)]);
        ImmutableArray<int> shape = Shape.Contains(-1) && known > 0 && count % known == 0 ? Shape.Replace(-1, (int)(count / known)) : Shape;
        return Shapes.Count(shape) == count && !shape.Contains(-1)
            ? shape
            : throw Invalid($"{Shapes.Text(inputs[0])} has {count} numbers, which do not make {Shapes.Text(Shape)}");
    }

    internal override torch.Tensor Forward(NodeCall call) => call.X.reshape(Shapes.WithRows(call.Rows, Infer([Shapes.OfRow(call.X)])));

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => 0;
}

/// <summary>The axes in another order.</summary>
public sealed record TransposeNode : NetworkNode
{
    /// <summary>For each axis of the result, which axis of the input it is.</summary>
    public required ImmutableArray<int> Order { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        ImmutableArray<int> x = inputs[0];
        if (Order.IsDefault || Order.Length != x.Length || !Order.Order().SequenceEqual(Enumerable.Range(0, x.Length)))
        {
            throw Invalid($"[{string.Join(", ", Order.IsDefault ? [] : Order)}] is no order of the {x.Length} axes of {Shapes.Text(x)}");
        }

        return [.. Order.Select(axis => x[axis])];
    }

    internal override torch.Tensor Forward(NodeCall call) => call.X.permute([0, .. Order.Select(axis => axis + 1L)]);
}

/// <summary>Every so many of the positions from start (inclusive) to end (exclusive) along an axis.</summary>
public sealed record SliceNode : NetworkNode
{
    /// <summary>The axis.</summary>
    public required int Axis { get; init; }

    /// <summary>The first position, counted from 0.</summary>
    public required int Start { get; init; }

    /// <summary>The position before which it ends.</summary>
    public required int End { get; init; }

    /// <summary>The step, at least 1. Default: 1.</summary>
    public int Step { get; init; } = 1;

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        int axis = RequireAxis(Axis, inputs[0].Length);
        if (Start < 0 || End > inputs[0][axis] || Start >= End || Step < 1)
        {
            throw Invalid($"positions {Start} to {End} in steps of {Step} are none of an axis of {inputs[0][axis]}");
        }

        return inputs[0].SetItem(axis, ((End - Start - 1) / Step) + 1);
    }

    internal override torch.Tensor Forward(NodeCall call) => call.X.slice(Axis + 1, Start, End, Step);
}

/// <summary>The positions of a fixed list along an axis.</summary>
public sealed record GatherNode : NetworkNode
{
    /// <summary>The axis.</summary>
    public required int Axis { get; init; }

    /// <summary>The positions, counted from 0; a position may occur more than once.</summary>
    public required ImmutableArray<int> Indices { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        int axis = RequireAxis(Axis, inputs[0].Length);
        if (Indices.IsDefaultOrEmpty || Indices.Any(i => i < 0 || i >= inputs[0][axis]))
        {
            throw Invalid($"it needs at least one position, from 0 to {inputs[0][axis] - 1}");
        }

        return inputs[0].SetItem(axis, Indices.Length);
    }

    internal override torch.Tensor Forward(NodeCall call) =>
        call.X.index_select(Axis + 1, torch.tensor(Indices.Select(i => (long)i).ToArray(), device: call.X.device));
}

/// <summary>A constant around a value.</summary>
public sealed record PadNode : NetworkNode
{
    /// <summary>How many before, per axis.</summary>
    public required ImmutableArray<int> Before { get; init; }

    /// <summary>How many after, per axis.</summary>
    public required ImmutableArray<int> After { get; init; }

    /// <summary>The constant. Default: 0.</summary>
    public double Value { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        ImmutableArray<int> x = inputs[0];
        if (Before.IsDefault || After.IsDefault || Before.Length != x.Length || After.Length != x.Length
            || Before.Concat(After).Any(p => p is < 0 or > (1 << 16)) || !double.IsFinite(Value))
        {
            throw Invalid($"it needs a padding from 0 to 65536 before and after each of the {x.Length} axes, and a finite value");
        }

        return [.. x.Select((length, axis) => (int)Math.Min(int.MaxValue, (long)length + Before[axis] + After[axis]))];
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        var widths = new List<long>();
        for (int axis = Before.Length - 1; axis >= 0; axis--)
        {
            widths.Add(Before[axis]);
            widths.Add(After[axis]);
        }

        return torch.nn.functional.pad(call.X, widths.ToArray(), PaddingModes.Constant, Value);
    }
}

/// <summary>Axes of length 1 repeated to a shape.</summary>
public sealed record ExpandNode : NetworkNode
{
    /// <summary>The shape, which the input broadcasts to.</summary>
    public required ImmutableArray<int> Shape { get; init; }

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs) =>
        !Shape.IsDefault && Shapes.Broadcast(inputs[0], Shape) is { } shape && shape.SequenceEqual(Shape)
            ? shape
            : throw Invalid($"{Shapes.Text(inputs[0])} does not expand to its shape");

    internal override torch.Tensor Forward(NodeCall call) =>
        ArithmeticNode.Raise(call.X, Shape.Length + 1).expand(Shapes.WithRows(call.Rows, Shape));
}

/// <summary>The value as it is: dropout, for example, in evaluation mode.</summary>
public sealed record IdentityNode : NetworkNode
{
    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs) => inputs[0];

    // A tensor of its own: the input's is disposed after its last use.
    internal override torch.Tensor Forward(NodeCall call) => call.X.alias();

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => 0;
}
