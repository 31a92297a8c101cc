using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Functions of every number.</summary>
internal static class ElementOperators
{
    internal static Action<NodeConversion> Activation(Activation function, float? alpha = null) => call =>
    {
        double? slope = alpha is { } otherwise ? Decimals.Of(call.Node.Number("alpha", otherwise)) : null;
        call.Set(Apply(call, call.Row(0), function, slope));
    };

    internal static Action<NodeConversion> Function(ElementFunction function) => call => call.Set(Apply(call, call.Row(0), function));

    internal static void Gelu(NodeConversion call)
    {
        string form = call.Node.Text("approximate", "none");
        call.Set(form switch
        {
            "none" => Apply(call, call.Row(0), Numerics.Networks.Activation.GELU),
            "tanh" => Apply(call, call.Row(0), Numerics.Networks.Activation.GELUTanh),
            _ => throw call.Refuse($"its approximation {ModelErrors.Quote(form)} is not known"),
        });
    }

    internal static void HardSigmoid(NodeConversion call)
    {
        (float alpha, float beta) = (call.Node.Number("alpha", 0.2f), call.Node.Number("beta", 0.5f));
        if (Math.Abs(alpha - (1.0 / 6)) > 1e-6 || beta != 0.5f)
        {
            throw call.Refuse($"its alpha is {alpha} and its beta {beta}; 1/6 and 0.5 are read", "use torch.nn.Hardsigmoid, which has these");
        }

        call.Set(Apply(call, call.Row(0), Numerics.Networks.Activation.HardSigmoid));
    }

    // low + max(x - low, 0) - max(x - high, 0)
    internal static void Clip(NodeConversion call)
    {
        RowValue value = call.Row(0);
        if (value.IsWhole)
        {
            throw call.Refuse("it limits whole numbers");
        }

        double? low = call.Has(1) ? call.Scalar(1, "lower bound") : null;
        double? high = call.Has(2) ? call.Scalar(2, "upper bound") : null;
        if (low > high || double.IsNaN(low ?? 0) || double.IsNaN(high ?? 0))
        {
            throw call.Refuse($"its bounds {low} and {high} leave nothing", ModelErrors.ExportAgain);
        }

        RowValue x = value;
        if (low is { } least && least > float.MinValue)
        {
            value = Shift(call, Apply(call, Shift(call, x, -least), Numerics.Networks.Activation.ReLU), least);
        }

        if (high is { } most && most < float.MaxValue)
        {
            RowValue above = Apply(call, Shift(call, x, -most), Numerics.Networks.Activation.ReLU);
            value = ArithmeticOperators.Combine(call, ArithmeticFunction.Subtract, value, above);
        }

        call.Set(value);
    }

    internal static void Cast(NodeConversion call)
    {
        RowValue x = call.Row(0);
        int type = (int)Math.Clamp(call.Node.Integer("to", 0), 0, int.MaxValue);
        bool isIndex = OnnxTypes.IsInteger(type) && call.Graph.IsOnlyIndex(call.Node.Outputs[0]); // a lookup refuses what is not whole
        if (!OnnxTypes.IsFloat(type) && !isIndex && !(x.IsWhole && OnnxTypes.IsInteger(type)))
        {
            throw call.Refuse($"it makes {OnnxTypes.Name(type)} of numbers, which rounds them", "keep numbers as they are; give indices as an int64 input");
        }

        call.Set(x with { IsWhole = OnnxTypes.IsInteger(type) });
    }

    /// <summary>An Identity of a parameter is a parameter of its own: exporters write equal tensors once.</summary>
    internal static void Identity(NodeConversion call) => call.Set(call.Value(0) is TensorValue { IsParameter: true } tensor
        ? tensor with { Name = call.Node.Outputs[0] }
        : call.Value(0));

    internal static void Dropout(NodeConversion call)
    {
        if (call.Has(2) && call.Scalar(2, "mode") != 0)
        {
            throw call.Refuse("it is in training mode", "call model.eval() before the export");
        }

        call.Set(call.Value(0));
    }

    internal static void Softmax(NodeConversion call) => call.Set(SoftmaxOf(call));

    internal static void LogSoftmax(NodeConversion call) => call.Set(Apply(call, SoftmaxOf(call), ElementFunction.Log));

    internal static RowValue Apply(NodeConversion call, RowValue x, Activation function, double? alpha = null) =>
        call.Emit(name => new ActivationNode { Name = name, Inputs = [x.Node], Function = function, Alpha = alpha }, x.Shape);

    internal static RowValue Apply(NodeConversion call, RowValue x, ElementFunction function) => call.Emit(
        name => new ElementwiseNode { Name = name, Inputs = [x.Node], Function = function },
        x.Shape,
        x.IsWhole && function is (ElementFunction.Negate or ElementFunction.Abs or ElementFunction.Square));

    private static RowValue SoftmaxOf(NodeConversion call)
    {
        RowValue x = call.Row(0);
        int axis = call.RowAxis(x.Shape, call.Axis(call.Node.Integer("axis", -1), x.Shape.Rank), "normalises along");
        return call.Emit(name => new SoftmaxNode { Name = name, Inputs = [x.Node], Axis = axis }, x.Shape);
    }

    private static RowValue Shift(NodeConversion call, RowValue x, double by) => by == 0
        ? x
        : ArithmeticOperators.Combine(call, ArithmeticFunction.Add, x, call.Row(new HostValue(HostTensor.Scalar(HostKind.Real, new Number(by)))));
}
