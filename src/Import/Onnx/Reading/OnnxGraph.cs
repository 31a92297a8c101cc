using System.Collections.Immutable;

namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>A checked graph: names are unique, tensors fit their shapes.</summary>
/// <param name="Nodes">In the file's order.</param>
/// <param name="Initializers">Tensors by name.</param>
/// <param name="Inputs">Without initializers.</param>
/// <param name="Output">The value that is wanted.</param>
/// <param name="Opset">The version of the operators.</param>
internal sealed record OnnxGraph(
    ImmutableArray<OnnxNode> Nodes,
    IReadOnlyDictionary<string, OnnxTensor> Initializers,
    ImmutableArray<OnnxInput> Inputs,
    string Output,
    int Opset)
{
    /// <summary>Every name of a value.</summary>
    internal required IReadOnlySet<string> Names { get; init; }
}

/// <summary>An input of the graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsInteger">Whether it holds whole numbers.</param>
/// <param name="Shape">Without its first axis, which is the batch.</param>
/// <param name="BatchIsFixed">Whether the file says that there is one row.</param>
internal sealed record OnnxInput(string Name, bool IsInteger, ImmutableArray<int> Shape, bool BatchIsFixed);
