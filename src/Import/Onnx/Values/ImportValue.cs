using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Reading;

namespace AdaptCluster.Import.Onnx.Values;

/// <summary>What a name of the ONNX graph stands for.</summary>
internal abstract record ImportValue;

/// <summary>The value of a node of the network.</summary>
/// <param name="Node">The node's or input's name.</param>
/// <param name="Shape">The shape that ONNX gives it.</param>
/// <param name="IsWhole">Whether it holds whole numbers.</param>
internal sealed record RowValue(string Node, SymbolicShape Shape, bool IsWhole = false) : ImportValue;

/// <summary>A tensor of the file: a parameter, or a constant.</summary>
/// <param name="Name">A parameter's name.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="IsParameter">Whether it is learned: what the file holds as an initializer of numbers with at least one axis.</param>
/// <param name="Order">The tensor's axis for each axis of the value: a transposed view has the same name.</param>
internal sealed record TensorValue(string Name, OnnxTensor Tensor, bool IsParameter, ImmutableArray<int> Order) : ImportValue
{
    internal ImmutableArray<int> Shape => [.. Order.Select(axis => Tensor.Shape[axis])];

    /// <summary>Whether it is no view, or one that changes nothing.</summary>
    internal bool IsStraight => Order.SequenceEqual(Enumerable.Range(0, Order.Length));

    internal static TensorValue Of(string name, OnnxTensor tensor, bool isParameter) =>
        new(name, tensor, isParameter, [.. Enumerable.Range(0, tensor.Shape.Length)]);
}

/// <summary>A small tensor whose values are known.</summary>
internal sealed record HostValue(HostTensor Tensor) : ImportValue;
