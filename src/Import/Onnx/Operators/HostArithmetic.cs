using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Values;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Arithmetic with known numbers, some of which are multiples of the number of rows.</summary>
internal static class HostArithmetic
{
    internal static void Add(NodeConversion call) => Binary(call, (a, b, _) =>
        a.TimesRows == b.TimesRows || b.Value == 0 ? new Number(a.Value + b.Value, a.TimesRows)
        : a.Value == 0 ? b : null);

    internal static void Subtract(NodeConversion call) => Binary(call, (a, b, _) =>
        a.TimesRows == b.TimesRows || b.Value == 0 ? new Number(a.Value - b.Value, a.TimesRows && a.Value != b.Value) : null);

    internal static void Multiply(NodeConversion call) => Binary(call, (a, b, _) =>
        a.TimesRows && b.TimesRows ? null : new Number(a.Value * b.Value, a.TimesRows || b.TimesRows));

    internal static void Divide(NodeConversion call) => Binary(call, (a, b, isWhole) => (a.TimesRows, b.TimesRows) switch
    {
        _ when b.Value == 0 => null,
        (false, true) => null,
        (true, false) when isWhole && a.Value % b.Value != 0 => null,
        _ => new Number(isWhole ? Math.Truncate(a.Value / b.Value) : a.Value / b.Value, a.TimesRows && !b.TimesRows),
    });

    internal static void Power(NodeConversion call) => Binary(call, (a, b, _) =>
        b.TimesRows || (a.TimesRows && b.Value != 1) ? null : new Number(a.TimesRows ? a.Value : Math.Pow(a.Value, b.Value), a.TimesRows));

    internal static void Equal(NodeConversion call) => Binary(
        call,
        (a, b, _) => a.TimesRows == b.TimesRows ? new Number(a.Value == b.Value ? 1 : 0)
            : (a.TimesRows ? b : a).Value <= 0 ? new Number(0) // there is at least one row
            : null,
        HostKind.Truth);

    internal static void Min(NodeConversion call) => Binary(call, (a, b, _) => a.TimesRows == b.TimesRows ? (a.Value <= b.Value ? a : b) : null);

    internal static void Max(NodeConversion call) => Binary(call, (a, b, _) => a.TimesRows == b.TimesRows ? (a.Value >= b.Value ? a : b) : null);

    internal static void Negate(NodeConversion call) => Unary(call, a => a with { Value = -a.Value });

    internal static void Sqrt(NodeConversion call) => Unary(call, a => a.TimesRows ? null : new Number(Math.Sqrt(a.Value)));

    internal static void Floor(NodeConversion call) => Unary(call, a => a.TimesRows && a.Value % 1 != 0 ? null : a with { Value = Math.Floor(a.Value) });

    internal static void Ceil(NodeConversion call) => Unary(call, a => a.TimesRows && a.Value % 1 != 0 ? null : a with { Value = Math.Ceiling(a.Value) });

    internal static void Not(NodeConversion call) => Unary(call, a => new Number(a.Value == 0 ? 1 : 0));

    internal static void Where(NodeConversion call)
    {
        (HostTensor condition, HostTensor left, HostTensor right) = (call.Host(0, "condition"), call.Host(1, "values"), call.Host(2, "values"));
        ImmutableArray<int> shape = Broadcast(call, Broadcast(call, condition.Shape, left.Shape), right.Shape);
        int[] c = HostIndex.Broadcast(condition.Shape, shape);
        int[] l = HostIndex.Broadcast(left.Shape, shape);
        int[] r = HostIndex.Broadcast(right.Shape, shape);
        call.SetHost(left.Kind, shape, HostIndex.All(call, shape).Select(i => condition.Values[HostIndex.At(i, shape, c)].Value != 0
            ? left.Values[HostIndex.At(i, shape, l)]
            : right.Values[HostIndex.At(i, shape, r)]));
    }

    internal static ImmutableArray<int> Broadcast(NodeConversion call, ImmutableArray<int> left, ImmutableArray<int> right)
    {
        int rank = Math.Max(left.Length, right.Length);
        var shape = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int l = i <= left.Length ? left[^i] : 1;
            int r = i <= right.Length ? right[^i] : 1;
            shape[^i] = l == r || r == 1 ? l : l == 1 ? r : throw call.Refuse($"[{string.Join(", ", left)}] and [{string.Join(", ", right)}] do not broadcast");
        }

        return [.. shape];
    }

    private static void Binary(NodeConversion call, Func<Number, Number, bool, Number?> function, HostKind? kind = null)
    {
        HostTensor left = call.Host(0, "first operand");
        HostTensor right = call.Host(1, "second operand");
        ImmutableArray<int> shape = Broadcast(call, left.Shape, right.Shape);
        bool isWhole = left.Kind == HostKind.Whole && right.Kind == HostKind.Whole;
        int[] l = HostIndex.Broadcast(left.Shape, shape);
        int[] r = HostIndex.Broadcast(right.Shape, shape);
        var values = new List<Number>();
        foreach (int i in HostIndex.All(call, shape))
        {
            Number a = left.Values[HostIndex.At(i, shape, l)];
            Number b = right.Values[HostIndex.At(i, shape, r)];
            values.Add(function(a, b, isWhole) ?? throw call.Refuse(
                $"it computes with {a} and {b}, where N is the number of rows: the result depends on N in a way that is not followed",
                "let no size but that of the axis of rows depend on the number of rows"));
        }

        call.SetHost(kind ?? left.Kind, shape, values);
    }

    private static void Unary(NodeConversion call, Func<Number, Number?> function)
    {
        HostTensor x = call.Host(0, "operand");
        call.Graph.TakeFolded(call.Node, x.Values.Length);
        call.SetHost(x.Kind, x.Shape, x.Values.Select(a => function(a) ?? throw call.Refuse(
            $"it computes with {a}, where N is the number of rows", "let no size but that of the axis of rows depend on the number of rows")));
    }
}
