using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>What changes the shape and the order of axes.</summary>
internal static class ShapeOperators
{
    internal static void Reshape(NodeConversion call)
    {
        RowValue x = call.Row(0);
        HostTensor target = call.Host(1, "shape");
        call.Set(call.Reshape(x, ReshapeRule.Resolve(call, x.Shape, target.Values)));
    }

    internal static void Flatten(NodeConversion call)
    {
        RowValue x = call.Row(0);
        long axis = call.Node.Integer("axis", 1);
        int split = axis == x.Shape.Rank ? x.Shape.Rank : call.Axis(axis, x.Shape.Rank);
        Number Product(IEnumerable<Axis> axes) => axes.Aggregate(new Number(1), (p, a) => new Number(p.Value * a.Length, p.TimesRows || a.HasRows));
        call.Set(call.Reshape(x, ReshapeRule.Resolve(call, x.Shape, [Product(x.Shape.Axes.Take(split)), Product(x.Shape.Axes.Skip(split))])));
    }

    internal static void Transpose(NodeConversion call)
    {
        if (call.Value(0) is TensorValue tensor)
        {
            ImmutableArray<int> order = OrderOf(call, tensor.Order.Length);
            call.Set(tensor with { Order = [.. order.Select(a => tensor.Order[a])] });
            return;
        }

        RowValue x = call.Row(0);
        call.Set(Permute(call, x, OrderOf(call, x.Shape.Rank)));
    }

    internal static ImmutableArray<int> OrderOf(NodeConversion call, int rank)
    {
        ImmutableArray<long> order = call.Node.Integers("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(a => (long)a)];
        return order.Length == rank && order.Order().SequenceEqual(Enumerable.Range(0, rank).Select(a => (long)a))
            ? [.. order.Select(a => (int)a)]
            : throw call.Refuse($"its order of axes does not fit {rank} axes", ModelErrors.ExportAgain);
    }

    /// <summary>The axes in another order. Moving the axis of rows alone moves nothing for one row.</summary>
    internal static RowValue Permute(NodeConversion call, RowValue x, ImmutableArray<int> order)
    {
        var shape = new SymbolicShape([.. order.Select(a => x.Shape.Axes[a])]);
        ImmutableArray<int> rowOrder = [.. order.Where(a => !x.Shape.Axes[a].IsRows).Select(x.Shape.RowAxis)];
        return rowOrder.SequenceEqual(Enumerable.Range(0, rowOrder.Length))
            ? x with { Shape = shape }
            : call.Emit(name => new TransposeNode { Name = name, Inputs = [x.Node], Order = rowOrder }, shape, x.IsWhole);
    }

    internal static void Squeeze(NodeConversion call)
    {
        RowValue x = call.Row(0);
        ImmutableArray<int>? axes = call.Axes(1, x.Shape.Rank);
        if (axes?.Any(a => x.Shape.Axes[a] != Axis.Of(1)) ?? false)
        {
            throw call.Refuse($"it removes an axis of {x.Shape} that is longer than 1, or that of the rows", "keep the axis of rows");
        }

        call.Set(call.Reshape(x, new SymbolicShape([.. x.Shape.Axes.Where((l, a) => axes is null ? l != Axis.Of(1) : !axes.Value.Contains(a))])));
    }

    internal static void Unsqueeze(NodeConversion call)
    {
        RowValue x = call.Row(0);
        int rank = x.Shape.Rank + (call.Node.Integers("axes")?.Length ?? call.Wholes(1, "axes").Length);
        ImmutableArray<int> axes = call.Axes(1, rank) ?? [];
        var rest = new Queue<Axis>(x.Shape.Axes);
        call.Set(call.Reshape(x, new SymbolicShape([.. Enumerable.Range(0, rank).Select(a => axes.Contains(a) ? Axis.Of(1) : rest.Dequeue())])));
    }

    internal static void Expand(NodeConversion call) => call.Set(ExpandTo(call, call.Row(0), call.Host(1, "shape").Values));

    /// <summary>A value repeated to a shape, whose rows may come with it.</summary>
    internal static RowValue ExpandTo(NodeConversion call, RowValue x, ImmutableArray<Number> target)
    {
        if (target.Length > 16 || target.Any(n => n.Value is < 1 or > 1 << 28 || n.Value % 1 != 0))
        {
            throw call.Refuse("it repeats to a shape that cannot be", ModelErrors.ExportAgain);
        }

        var wanted = new SymbolicShape([.. target.Select((n, i) =>
        {
            int axis = i - (target.Length - x.Shape.Rank);
            Axis own = axis >= 0 ? x.Shape.Axes[axis] : Axis.Of(1);
            bool isOwn = own.HasRows && (own.Number == n || (call.Graph.RowsAreFixed && own.Length == (int)n.Value));
            return isOwn ? own : n.TimesRows ? new Axis(1, (int)n.Value, true) : Axis.Of((int)n.Value);
        })]);
        SymbolicShape shape = GraphConversion.Checked(call.Node, Broadcasting.Shape(call, x.Shape, wanted));
        RowValue fit = Broadcasting.Fit(call, x, shape);
        return fit.Shape.Row.SequenceEqual(shape.Row)
            ? fit with { Shape = shape }
            : call.Emit(name => new ExpandNode { Name = name, Inputs = [fit.Node], Shape = shape.Row }, shape, x.IsWhole);
    }

    internal static void Pad(NodeConversion call)
    {
        RowValue x = call.Row(0);
        string mode = call.Node.Text("mode", "constant");
        ImmutableArray<long> pads = call.Wholes(1, "pads");
        ImmutableArray<int> axes = call.Axes(3, x.Shape.Rank) ?? [.. Enumerable.Range(0, x.Shape.Rank)];
        if (mode != "constant" || pads.Length != 2 * axes.Length || pads.Any(p => p is < 0 or > 1 << 16))
        {
            throw call.Refuse("it does not pad with a constant, by 0 to 65536 on each side of every axis", "pad with zeros");
        }

        var before = new int[x.Shape.Row.Length];
        var after = new int[x.Shape.Row.Length];
        SymbolicShape shape = x.Shape;
        for (int k = 0; k < axes.Length; k++)
        {
            (int first, int last) = ((int)pads[k], (int)pads[k + axes.Length]);
            if (first + last > 0)
            {
                int axis = call.RowAxis(shape, axes[k], "pads");
                (before[axis], after[axis]) = (first, last);
                shape = shape.With(axes[k], Axis.Of(shape.Axes[axes[k]].Length + first + last));
            }
        }

        double value = call.Has(2) ? call.Scalar(2, "value") : 0;
        call.Set(Padded(call, x, before, after, value, shape));
    }

    internal static RowValue Padded(NodeConversion call, RowValue x, int[] before, int[] after, double value, SymbolicShape shape) =>
        before.Concat(after).All(p => p == 0)
            ? x
            : double.IsFinite(value)
                ? call.Emit(name => new PadNode { Name = name, Inputs = [x.Node], Before = [.. before], After = [.. after], Value = value }, shape, x.IsWhole)
                : throw call.Refuse($"it pads with {value}", "pad with a finite number");
}
