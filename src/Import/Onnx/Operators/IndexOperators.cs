using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>What takes parts of values and puts them together.</summary>
internal static class IndexOperators
{
    internal static void Gather(NodeConversion call)
    {
        if (call.Value(1) is RowValue indices)
        {
            call.Set(Embed(call, indices));
            return;
        }

        RowValue x = call.Row(0);
        HostTensor positions = call.Host(1, "indices");
        int onnxAxis = call.Axis(call.Node.Integer("axis", 0), x.Shape.Rank);
        int axis = call.RowAxis(x.Shape, onnxAxis, "takes positions from");
        int length = x.Shape.Axes[onnxAxis].Length;
        ImmutableArray<int> taken = [.. positions.Values.Select(v => (int)HostShapes.Position(call, v, length))];
        if (taken.IsEmpty)
        {
            throw call.Refuse("it takes no position", ModelErrors.ExportAgain);
        }

        bool isRun = taken.Select((p, i) => p - i).All(first => first == taken[0]);
        SymbolicShape flat = x.Shape.With(onnxAxis, Axis.Of(taken.Length));
        RowValue picked = isRun && taken.Length == length
            ? x
            : call.Emit(
                name => isRun
                    ? new SliceNode { Name = name, Inputs = [x.Node], Axis = axis, Start = taken[0], End = taken[^1] + 1 }
                    : new GatherNode { Name = name, Inputs = [x.Node], Axis = axis, Indices = taken },
                flat,
                x.IsWhole);
        ImmutableArray<Axis> axes = x.Shape.Axes;
        call.Set(call.Reshape(picked, new SymbolicShape([.. axes[..onnxAxis], .. positions.Shape.Select(Axis.Of), .. axes[(onnxAxis + 1)..]])));
    }

    internal static void Slice(NodeConversion call)
    {
        RowValue x = call.Row(0);
        HostTensor[] bounds = [call.Host(1, "starts"), call.Host(2, "ends")];
        ImmutableArray<int> axes = call.Axes(3, x.Shape.Rank) ?? [.. Enumerable.Range(0, bounds[0].Values.Length)];
        ImmutableArray<long> steps = call.Has(4) ? call.Wholes(4, "steps") : [.. axes.Select(_ => 1L)];
        if (bounds.Any(b => b.Values.Length != axes.Length) || steps.Length != axes.Length || axes.Any(a => a >= x.Shape.Rank))
        {
            throw call.Refuse("its starts, ends, axes and steps do not fit together", ModelErrors.ExportAgain);
        }

        for (int k = 0; k < axes.Length; k++)
        {
            x = SliceAxis(call, x, axes[k], bounds[0].Values[k], bounds[1].Values[k], steps[k]);
        }

        call.Set(x);
    }

    internal static void Split(NodeConversion call)
    {
        RowValue x = call.Row(0);
        int onnxAxis = call.Axis(call.Node.Integer("axis", 0), x.Shape.Rank);
        int axis = call.RowAxis(x.Shape, onnxAxis, "splits");
        int length = x.Shape.Axes[onnxAxis].Length;
        int parts = call.Node.Outputs.Count;
        long chunk = (length + (long)parts - 1) / Math.Max(1, parts);
        ImmutableArray<long> sizes = call.Has(1)
            ? call.Wholes(1, "sizes")
            : [.. Enumerable.Range(0, parts).Select(i => Math.Min(chunk, length - (i * chunk)))];
        if (sizes.Length != parts || sizes.Any(s => s < 1 || s > length) || sizes.Sum() != length)
        {
            throw call.Refuse($"it does not split an axis of {length} into {parts} parts", ModelErrors.ExportAgain);
        }

        int start = 0;
        for (int i = 0; i < parts; i++)
        {
            (int from, int size) = (start, (int)sizes[i]);
            if (call.Node.Outputs[i].Length > 0)
            {
                call.Set(i, call.Emit(
                    name => new SliceNode { Name = name, Inputs = [x.Node], Axis = axis, Start = from, End = from + size },
                    x.Shape.With(onnxAxis, Axis.Of(size)),
                    x.IsWhole));
            }

            start += size;
        }
    }

    internal static void Concat(NodeConversion call)
    {
        RowValue[] parts = [.. Enumerable.Range(0, call.InputCount).Select(call.Row)];
        if (parts.Length == 0)
        {
            throw call.Refuse("it joins nothing", ModelErrors.ExportAgain);
        }

        RowValue first = parts.FirstOrDefault(p => p.Shape.HasRows) ?? parts[0];
        int onnxAxis = call.Axis(call.Node.Integer("axis", 0), first.Shape.Rank);
        int axis = call.RowAxis(first.Shape, onnxAxis, "joins along");
        long length = 0;
        var names = ImmutableArray.CreateBuilder<string>(parts.Length);
        foreach (RowValue part in parts)
        {
            RowValue fit = call.Graph.RowsAreFixed && part.Shape.Rank == first.Shape.Rank ? Broadcasting.Fit(call, part, first.Shape) : part;
            bool fits = part.Shape.Rank == first.Shape.Rank
                && Enumerable.Range(0, part.Shape.Rank).All(i =>
                    i == onnxAxis || part.Shape.Axes[i] == first.Shape.Axes[i] || (fit != part && i == first.Shape.RowsAxis));
            if (!fits || part.Shape.Axes[onnxAxis].HasRows)
            {
                throw call.Refuse($"it joins {first.Shape} and {part.Shape}, where N is the number of rows: they do not fit", "export with a dynamic batch axis");
            }

            names.Add(fit.Node);
            length += part.Shape.Axes[onnxAxis].Length;
        }

        call.Set(call.Emit(
            name => new ConcatNode { Name = name, Inputs = names.MoveToImmutable(), Axis = axis },
            first.Shape.With(onnxAxis, Axis.Of((int)Math.Min(int.MaxValue, length))),
            parts.All(p => p.IsWhole)));
    }

    private static RowValue SliceAxis(NodeConversion call, RowValue x, int onnxAxis, Number start, Number end, long step)
    {
        Axis axis = x.Shape.Axes[onnxAxis];
        bool isAll = start is { Value: 0, TimesRows: false } && step == 1 && (end.TimesRows ? end == axis.Number : end.Value >= int.MaxValue);
        if (axis.HasRows && isAll)
        {
            return x;
        }

        int rowAxis = call.RowAxis(x.Shape, onnxAxis, "takes part of");
        if (start.TimesRows || end.TimesRows || step < 1)
        {
            throw call.Refuse(step < 1 ? $"its step is {step}" : "its bounds depend on the number of rows", "slice forwards, with bounds that are the same for every number of rows");
        }

        (int first, int count, int stride) = HostShapes.Range(Bound(start), Bound(end), step, axis.Length);
        if (count == 0)
        {
            throw call.Refuse($"it takes nothing of an axis of {axis.Length}", ModelErrors.ExportAgain);
        }

        return count == axis.Length
            ? x
            : call.Emit(
                name => new SliceNode { Name = name, Inputs = [x.Node], Axis = rowAxis, Start = first, End = (int)(first + (((long)count - 1) * stride) + 1), Step = stride },
                x.Shape.With(onnxAxis, Axis.Of(count)),
                x.IsWhole);
    }

    private static long Bound(Number bound) => (long)Math.Clamp(bound.Value, -int.MaxValue, int.MaxValue);

    private static RowValue Embed(NodeConversion call, RowValue indices)
    {
        if (!indices.IsWhole || call.Value(0) is not TensorValue { IsParameter: true, Shape.Length: 2 } table || call.Node.Integer("axis", 0) != 0)
        {
            throw call.Refuse("its indices depend on the data, and it is no lookup of whole numbers in a learned table [entries, width]", "use torch.nn.Embedding with an int64 input");
        }

        string weight = call.Graph.Straight(table) ?? throw call.Refuse("its table is a transposed tensor", "keep the table as [entries, width]");
        return call.Emit(
            name => new EmbeddingNode { Name = name, Inputs = [indices.Node], Vocabulary = table.Shape[0], Width = table.Shape[1], Weight = weight },
            new SymbolicShape([.. indices.Shape.Axes, Axis.Of(table.Shape[1])]));
    }
}
