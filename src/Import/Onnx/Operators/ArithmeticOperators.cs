using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Functions of two and more values, number by number.</summary>
internal static class ArithmeticOperators
{
    internal static Action<NodeConversion> Function(ArithmeticFunction function) => call =>
    {
        (RowValue left, RowValue right) = (call.Row(0), call.Row(1));
        if (function == ArithmeticFunction.Divide && left.IsWhole && right.IsWhole)
        {
            throw call.Refuse("it divides whole numbers, which rounds", "convert them to float first");
        }

        call.Set(Combine(call, function, left, right));
    };

    internal static void Power(NodeConversion call)
    {
        RowValue x = call.Row(0);
        double? exponent = call.IsHost(1) && call.Host(1, "exponent").Values is [{ TimesRows: false } only] && call.Host(1, "exponent").Shape.Length <= x.Shape.Rank ? only.Value : null;
        call.Set(exponent switch
        {
            1 => x,
            2 => ElementOperators.Apply(call, x, ElementFunction.Square),
            0.5 => ElementOperators.Apply(call, x, ElementFunction.Sqrt),
            -1 => ElementOperators.Apply(call, x, ElementFunction.Reciprocal),
            _ => Combine(call, ArithmeticFunction.Power, x, call.Row(1)),
        });
    }

    internal static void Sum(NodeConversion call) => call.Set(SumOf(call));

    internal static void Mean(NodeConversion call)
    {
        RowValue count = call.Row(new HostValue(HostTensor.Scalar(HostKind.Real, new Number(call.InputCount))));
        call.Set(Combine(call, ArithmeticFunction.Divide, SumOf(call), count));
    }

    /// <summary>One of two values, which broadcast.</summary>
    internal static RowValue Combine(NodeConversion call, ArithmeticFunction function, RowValue left, RowValue right)
    {
        SymbolicShape shape = Broadcasting.Shape(call, left.Shape, right.Shape);
        (RowValue l, RowValue r) = (Broadcasting.Fit(call, left, shape), Broadcasting.Fit(call, right, shape));
        return call.Emit(
            name => new ArithmeticNode { Name = name, Inputs = [l.Node, r.Node], Function = function },
            shape,
            left.IsWhole && right.IsWhole && function is (ArithmeticFunction.Add or ArithmeticFunction.Subtract or ArithmeticFunction.Multiply));
    }

    private static RowValue SumOf(NodeConversion call)
    {
        RowValue sum = call.Row(0);
        for (int i = 1; i < call.InputCount; i++)
        {
            sum = Combine(call, ArithmeticFunction.Add, sum, call.Row(i));
        }

        return sum;
    }
}
