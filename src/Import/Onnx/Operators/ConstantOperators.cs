using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Import.Onnx.Values;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Constants of the graph.</summary>
internal static class ConstantOperators
{
    internal static void Constant(NodeConversion call)
    {
        OnnxNode node = call.Node;
        if (node.Outputs.Count != 1)
        {
            throw call.Refuse("it has not one output", ModelErrors.ExportAgain);
        }

        if (node.Tensor("value", call.Graph.External) is { } tensor)
        {
            call.Set(TensorValue.Of(node.Outputs[0], tensor, isParameter: false));
        }
        else if (node.Has("value_float"))
        {
            call.SetHost(HostKind.Real, [], [new Number(node.Number("value_float", 0))]);
        }
        else if (node.Has("value_int"))
        {
            call.SetHost(HostKind.Whole, [], [new Number(node.Integer("value_int", 0))]);
        }
        else if (node.Numbers("value_floats") is { } numbers)
        {
            call.Graph.TakeFolded(node, numbers.Length);
            call.SetHost(HostKind.Real, [numbers.Length], numbers.Select(n => new Number(n)));
        }
        else if (node.Integers("value_ints") is { } integers)
        {
            call.Graph.TakeFolded(node, integers.Length);
            call.SetHost(HostKind.Whole, [integers.Length], integers.Select(n => new Number(n)));
        }
        else
        {
            throw call.Refuse("it holds no numbers: text and sparse tensors are not read", "use numbers only");
        }
    }
}
