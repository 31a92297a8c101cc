using AdaptCluster.Import.Onnx.Conversion;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>One operator of ONNX that is read.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Since">The first opset in which it is there, at least 13.</param>
/// <param name="Becomes">What it becomes in a network.</param>
/// <param name="Limits">What is refused; empty where everything is read.</param>
/// <param name="Convert">Converts it where it computes with data; null for operators of shape arithmetic.</param>
/// <param name="Fold">Computes it where all inputs are known; null where it always becomes nodes.</param>
internal sealed record OnnxOperator(string Type, int Since, string Becomes, string Limits, Action<NodeConversion>? Convert, Action<NodeConversion>? Fold = null);
