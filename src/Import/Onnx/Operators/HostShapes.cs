using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>What moves known numbers around.</summary>
internal static class HostShapes
{
    internal static void Shape(NodeConversion call)
    {
        ImmutableArray<Number> lengths = call.Value(0) switch
        {
            RowValue row => [.. row.Shape.Axes.Select(a => a.Number)],
            TensorValue tensor => [.. tensor.Shape.Select(l => new Number(l))],
            HostValue host => [.. host.Tensor.Shape.Select(l => new Number(l))],
            _ => throw call.Refuse("it asks for the shape of nothing"),
        };
        int start = (int)Clamp(call.Node.Integer("start", 0), lengths.Length);
        int end = (int)Clamp(call.Node.Integer("end", lengths.Length), lengths.Length);
        call.Set(new HostValue(HostTensor.Whole(start < end ? lengths.AsSpan()[start..end] : [])));
    }

    internal static void Size(NodeConversion call)
    {
        Number count = call.Value(0) switch
        {
            RowValue row => new Number(row.Shape.Count, row.Shape.HasRows),
            TensorValue tensor => new Number(tensor.Tensor.Count),
            HostValue host => new Number(host.Tensor.Values.Length),
            _ => default,
        };
        call.Set(new HostValue(HostTensor.Scalar(HostKind.Whole, count)));
    }

    internal static void Gather(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        HostTensor indices = call.Host(1, "indices");
        int axis = call.Axis(call.Node.Integer("axis", 0), data.Shape.Length);
        int length = data.Shape[axis];
        ImmutableArray<int> shape = [.. data.Shape[..axis], .. indices.Shape, .. data.Shape[(axis + 1)..]];
        int inner = (int)HostIndex.Count(data.Shape[(axis + 1)..]);
        call.SetHost(data.Kind, shape, HostIndex.All(call, shape).Select(i =>
        {
            int rest = i % inner;
            int position = (int)Position(call, indices.Values[i / inner % indices.Values.Length], length);
            return data.Values[(((i / inner / indices.Values.Length * length) + position) * inner) + rest];
        }));
    }

    internal static void Slice(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        ImmutableArray<long> starts = call.Wholes(1, "starts");
        ImmutableArray<long> ends = call.Wholes(2, "ends");
        ImmutableArray<int> axes = call.Axes(3, data.Shape.Length) ?? [.. Enumerable.Range(0, starts.Length)];
        ImmutableArray<long> steps = call.Has(4) ? call.Wholes(4, "steps") : [.. axes.Select(_ => 1L)];
        if (starts.Length != axes.Length || ends.Length != axes.Length || steps.Length != axes.Length || axes.Any(a => a >= data.Shape.Length) || steps.Contains(0))
        {
            throw call.Refuse("its starts, ends, axes and steps do not fit together", ModelErrors.ExportAgain);
        }

        int[] strides = HostIndex.Strides(data.Shape);
        int[] lengths = [.. data.Shape];
        int offset = 0;
        for (int k = 0; k < axes.Length; k++)
        {
            (int start, int count, int step) = Range(starts[k], ends[k], steps[k], data.Shape[axes[k]]);
            offset += start * strides[axes[k]];
            strides[axes[k]] *= step;
            lengths[axes[k]] = count;
        }

        ImmutableArray<int> shape = [.. lengths];
        call.SetHost(data.Kind, shape, HostIndex.All(call, shape).Select(i => data.Values[offset + HostIndex.At(i, shape, strides)]));
    }

    internal static void Concat(NodeConversion call)
    {
        HostTensor[] parts = [.. Enumerable.Range(0, call.InputCount).Select(i => call.Host(i, "operand"))];
        int axis = call.Axis(call.Node.Integer("axis", 0), parts[0].Shape.Length);
        long length = 0;
        foreach (HostTensor part in parts)
        {
            if (part.Shape.Length != parts[0].Shape.Length || part.Shape.Where((l, a) => a != axis && l != parts[0].Shape[a]).Any())
            {
                throw call.Refuse("its operands do not fit together", ModelErrors.ExportAgain);
            }

            length += part.Shape[axis];
        }

        ImmutableArray<int> shape = parts[0].Shape.SetItem(axis, (int)Math.Min(int.MaxValue, length));
        call.Graph.TakeFolded(call.Node, HostIndex.Count(shape));
        int outer = (int)HostIndex.Count(shape[..axis]);
        var values = new List<Number>();
        for (int o = 0; o < outer; o++)
        {
            foreach (HostTensor part in parts)
            {
                int chunk = part.Values.Length / outer;
                values.AddRange(part.Values.AsSpan().Slice(o * chunk, chunk));
            }
        }

        call.SetHost(parts[0].Kind, shape, values);
    }

    internal static void Unsqueeze(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        int rank = data.Shape.Length + (call.Node.Integers("axes")?.Length ?? call.Wholes(1, "axes").Length);
        ImmutableArray<int> axes = call.Axes(1, rank) ?? [];
        var rest = new Queue<int>(data.Shape);
        call.Set(new HostValue(data with { Shape = [.. Enumerable.Range(0, rank).Select(a => axes.Contains(a) ? 1 : rest.Dequeue())] }));
    }

    internal static void Squeeze(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        ImmutableArray<int>? axes = call.Axes(1, data.Shape.Length);
        if (axes?.Any(a => data.Shape[a] != 1) ?? false)
        {
            throw call.Refuse("it removes an axis that is longer than 1", ModelErrors.ExportAgain);
        }

        call.Set(new HostValue(data with { Shape = [.. data.Shape.Where((l, a) => axes is null ? l != 1 : !axes.Value.Contains(a))] }));
    }

    internal static void Reshape(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        SymbolicShape shape = ReshapeRule.Resolve(call, SymbolicShape.Fixed(data.Shape), call.Host(1, "shape").Values);
        call.Set(new HostValue(data with { Shape = shape.Full }));
    }

    internal static void Expand(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        HostTensor target = call.Host(1, "shape");
        if (target.Values.Any(v => v.TimesRows || v.Value is < 1 or > int.MaxValue))
        {
            ShapeOperators.Expand(call);
            return;
        }

        ImmutableArray<int> shape = HostArithmetic.Broadcast(call, data.Shape, [.. target.Values.Select(v => (int)v.Value)]);
        int[] strides = HostIndex.Broadcast(data.Shape, shape);
        call.SetHost(data.Kind, shape, HostIndex.All(call, shape).Select(i => data.Values[HostIndex.At(i, shape, strides)]));
    }

    internal static void Transpose(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        ImmutableArray<int> order = ShapeOperators.OrderOf(call, data.Shape.Length);
        int[] own = HostIndex.Strides(data.Shape);
        int[] strides = [.. order.Select(a => own[a])];
        ImmutableArray<int> shape = [.. order.Select(a => data.Shape[a])];
        call.SetHost(data.Kind, shape, HostIndex.All(call, shape).Select(i => data.Values[HostIndex.At(i, shape, strides)]));
    }

    internal static void Cast(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        int type = (int)Math.Clamp(call.Node.Integer("to", 0), 0, int.MaxValue);
        HostKind kind = OnnxTypes.IsFloat(type) ? HostKind.Real
            : OnnxTypes.IsInteger(type) ? HostKind.Whole
            : type == (int)OnnxSchema.TensorProto.Types.DataType.Bool ? HostKind.Truth
            : throw call.Refuse($"it casts to {OnnxTypes.Name(type)}");
        call.Graph.TakeFolded(call.Node, data.Values.Length);
        call.SetHost(kind, data.Shape, data.Values.Select(v => kind switch
        {
            HostKind.Truth => new Number(v.Value != 0 ? 1 : 0),
            HostKind.Whole when v.TimesRows && v.Value % 1 != 0 => throw call.Refuse($"it rounds {v}, where N is the number of rows"),
            HostKind.Whole => v with { Value = Math.Truncate(v.Value) },
            _ => v,
        }));
    }

    internal static void Range(NodeConversion call)
    {
        (double start, double limit, double step) = (call.Scalar(0, "start"), call.Scalar(1, "limit"), call.Scalar(2, "step"));
        double count = Math.Max(0, Math.Ceiling((limit - start) / step));
        call.Graph.TakeFolded(call.Node, count is >= 0 and < int.MaxValue ? (long)count : -1);
        call.SetHost(call.Host(0, "start").Kind, [(int)count], Enumerable.Range(0, (int)count).Select(i => new Number(start + (i * step))));
    }

    internal static void ConstantOfShape(NodeConversion call)
    {
        HostTensor target = call.Host(0, "shape");
        OnnxTensor? tensor = call.Node.Tensor("value", call.Graph.External);
        if (tensor is { Count: not 1 })
        {
            throw call.Refuse("its value is not one number", ModelErrors.ExportAgain);
        }

        var value = HostTensor.Scalar(tensor is { IsFloat: false } ? HostKind.Whole : HostKind.Real, new Number(tensor is null ? 0 : tensor[0]));
        ImmutableArray<int> shape = [.. target.Values.Select(v => v.Value is >= 0 and <= int.MaxValue ? (int)v.Value : throw call.Refuse($"its shape has the length {v}"))];
        if (target.Values.Any(v => v.TimesRows) || HostIndex.Count(shape) > 1 << 16)
        {
            call.Set(ShapeOperators.ExpandTo(call, call.Row(new HostValue(value)), target.Values));
            return;
        }

        call.SetHost(value.Kind, shape, HostIndex.All(call, shape).Select(_ => value.Values[0]));
    }

    internal static void ReduceProduct(NodeConversion call)
    {
        HostTensor data = call.Host(0, "data");
        if (data.Shape.Length > 1 || data.Values.Count(v => v.TimesRows) > 1)
        {
            throw call.Refuse("it multiplies more than the lengths of one shape");
        }

        var product = new Number(data.Values.Aggregate(1.0, (p, v) => p * v.Value), data.Values.Any(v => v.TimesRows));
        call.SetHost(data.Kind, call.Node.Integer("keepdims", 1) != 0 ? data.Shape.Select(_ => 1) : [], [product]);
    }

    /// <summary>A position of an axis of a length, counted from its start.</summary>
    internal static long Position(NodeConversion call, Number index, int length)
    {
        double position = index.Value < 0 ? index.Value + length : index.Value;
        return !index.TimesRows && position >= 0 && position < length && position == Math.Truncate(position)
            ? (long)position
            : throw call.Refuse($"its index {index} is none of an axis of {length}", ModelErrors.ExportAgain);
    }

    /// <summary>The positions of a slice: where it starts, how many there are.</summary>
    internal static (int Start, int Count, int Step) Range(long start, long end, long step, int length)
    {
        step = Math.Clamp(step, -int.MaxValue, int.MaxValue);
        long first = Math.Clamp(start < 0 ? Math.Max(start, -length - 1L) + length : start, step > 0 ? 0 : -1, step > 0 ? length : length - 1);
        long last = Math.Clamp(end < 0 ? Math.Max(end, -length - 1L) + length : end, step > 0 ? 0 : -1, step > 0 ? length : length - 1);
        long count = Math.Max(0, step > 0 ? (last - first + step - 1) / step : (first - last - step - 1) / -step);
        return ((int)Math.Max(0, first), (int)count, (int)step);
    }

    private static long Clamp(long position, int length) => Math.Clamp(position < 0 ? Math.Max(position, -length) + length : position, 0, length);
}
