using System.Collections.Frozen;
using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;
using AdaptCluster.Import.Onnx.Reading;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>The operators of ONNX that are read: the one place that says so. docs/operators.md is made from it.</summary>
internal static class OnnxOperators
{
    private const string Element = "`elementwise`";
    private const string Act = "`activation`";
    private const string Numbers = "shape arithmetic only";

    /// <summary>All of them, in the order of the documentation.</summary>
    internal static ImmutableArray<OnnxOperator> All { get; } =
    [
        new("Gemm", 13, "`linear`; alpha and beta other than 1 become `arithmetic`", "the rows must be an axis of A", LinearOperators.Gemm),
        new("MatMul", 13, "`linear` with a parameter, with a bias that is added next and used nowhere else; otherwise `matmul`", "rows must not be summed over", LinearOperators.MatMul),
        new("Conv", 13, "`conv`; uneven padding becomes `pad`", "one or two axes; parameters as weight and bias", WindowOperators.Convolution),
        new("BatchNormalization", 13, "`batch-norm` with the running statistics", "evaluation mode; [N, C] and up to two axes more", NormalisationOperators.Batch),
        new("LayerNormalization", 17, "`layer-norm`", "the first output", NormalisationOperators.Layer),
        new("GroupNormalization", 18, "`group-norm`; before opset 21 with `arithmetic`, one scale per group", "[N, C] and up to two axes more", NormalisationOperators.Group),
        new("InstanceNormalization", 13, "`group-norm` with a group per channel", "[N, C] and up to two axes more", NormalisationOperators.Instance),
        new("Gather", 13, "`embedding` from a learned table by whole numbers; `slice` or `gather` by constants", "other indices from data; negative indices in data", IndexOperators.Gather, HostShapes.Gather),

        new("Relu", 13, Act, "", ElementOperators.Activation(Activation.ReLU)),
        new("LeakyRelu", 13, Act, "", ElementOperators.Activation(Activation.LeakyReLU, 0.01f)),
        new("Gelu", 20, Act, "", ElementOperators.Gelu),
        new("Elu", 13, Act, "", ElementOperators.Activation(Activation.ELU, 1)),
        new("Tanh", 13, Act, "", ElementOperators.Activation(Activation.Tanh)),
        new("Sigmoid", 13, Act + "; x Sigmoid(x) becomes SiLU", "", ElementOperators.Activation(Activation.Sigmoid)),
        new("Softplus", 13, Act, "", ElementOperators.Activation(Activation.Softplus)),
        new("HardSwish", 14, Act, "", ElementOperators.Activation(Activation.HardSwish)),
        new("HardSigmoid", 13, Act, "alpha 1/6 and beta 0.5", ElementOperators.HardSigmoid),
        new("Clip", 13, "two `activation` ReLU with `arithmetic`", "constant bounds", ElementOperators.Clip),

        new("Erf", 13, Element + "; x/2 (1 + Erf(x/sqrt 2)) becomes GELU", "", ElementOperators.Function(ElementFunction.Erf)),
        new("Exp", 13, Element, "", ElementOperators.Function(ElementFunction.Exp)),
        new("Log", 13, Element, "", ElementOperators.Function(ElementFunction.Log)),
        new("Sqrt", 13, Element, "", ElementOperators.Function(ElementFunction.Sqrt), HostArithmetic.Sqrt),
        new("Neg", 13, Element, "", ElementOperators.Function(ElementFunction.Negate), HostArithmetic.Negate),
        new("Abs", 13, Element, "", ElementOperators.Function(ElementFunction.Abs)),
        new("Reciprocal", 13, Element, "", ElementOperators.Function(ElementFunction.Reciprocal)),
        new("Sin", 13, Element, "", ElementOperators.Function(ElementFunction.Sin)),
        new("Cos", 13, Element, "", ElementOperators.Function(ElementFunction.Cos)),
        new("Add", 13, "`arithmetic`", "", ArithmeticOperators.Function(ArithmeticFunction.Add), HostArithmetic.Add),
        new("Sub", 13, "`arithmetic`", "", ArithmeticOperators.Function(ArithmeticFunction.Subtract), HostArithmetic.Subtract),
        new("Mul", 13, "`arithmetic`", "", ArithmeticOperators.Function(ArithmeticFunction.Multiply), HostArithmetic.Multiply),
        new("Div", 13, "`arithmetic`", "whole numbers from data", ArithmeticOperators.Function(ArithmeticFunction.Divide), HostArithmetic.Divide),
        new("Pow", 13, "`elementwise` for the exponents 2, 1/2 and -1; otherwise `arithmetic`", "", ArithmeticOperators.Power, HostArithmetic.Power),
        new("Sum", 13, "`arithmetic`", "", ArithmeticOperators.Sum),
        new("Mean", 13, "`arithmetic`", "", ArithmeticOperators.Mean),

        new("MaxPool", 13, "`pool`", "the first output; positions are not rounded up", WindowOperators.MaxPool),
        new("AveragePool", 13, "`pool`", "positions are not rounded up; uneven padding must count", WindowOperators.AveragePool),
        new("GlobalAveragePool", 13, "`adaptive-pool`", "", WindowOperators.Global(Pooling.Mean)),
        new("GlobalMaxPool", 13, "`adaptive-pool`", "", WindowOperators.Global(Pooling.Max)),
        new("Softmax", 13, "`softmax`", "not along the rows", ElementOperators.Softmax),
        new("LogSoftmax", 13, "`softmax` and `elementwise`", "not along the rows", ElementOperators.LogSoftmax),
        new("ReduceMean", 13, "`reduce`; the parts of a layer norm become `layer-norm`", "not along the rows", ReductionOperators.Of(Reduction.Mean)),
        new("ReduceSum", 13, "`reduce`", "not along the rows", ReductionOperators.Of(Reduction.Sum)),

        new("Concat", 13, "`concat`", "not along the rows", IndexOperators.Concat, HostShapes.Concat),
        new("Reshape", 13, "`reshape`", "a constant shape that keeps the rows apart", ShapeOperators.Reshape, HostShapes.Reshape),
        new("Flatten", 13, "`reshape`", "", ShapeOperators.Flatten),
        new("Transpose", 13, "`transpose`; of a parameter nothing", "", ShapeOperators.Transpose, HostShapes.Transpose),
        new("Squeeze", 13, "`reshape`", "not the rows", ShapeOperators.Squeeze, HostShapes.Squeeze),
        new("Unsqueeze", 13, "`reshape`", "", ShapeOperators.Unsqueeze, HostShapes.Unsqueeze),
        new("Slice", 13, "`slice`", "constant bounds, positive steps; not the rows", IndexOperators.Slice, HostShapes.Slice),
        new("Split", 13, "`slice`", "constant sizes; not the rows", IndexOperators.Split),
        new("Expand", 13, "`expand`", "a constant shape", ShapeOperators.Expand, HostShapes.Expand),
        new("Pad", 13, "`pad`", "with a constant; not the rows", ShapeOperators.Pad),

        new("Identity", 13, "nothing; of a parameter a parameter of its own", "", ElementOperators.Identity),
        new("Dropout", 13, "nothing", "evaluation mode; the first output", ElementOperators.Dropout),
        new("Cast", 13, "nothing", "between kinds of numbers, or to whole numbers that are only looked up", ElementOperators.Cast, HostShapes.Cast),
        new("Constant", 13, "`constant` where data meet it", "no text, nothing sparse", ConstantOperators.Constant),
        new("ConstantOfShape", 13, "`constant` where data meet it", "", null, HostShapes.ConstantOfShape),
        new("Shape", 13, "nothing", "", HostShapes.Shape),
        new("Size", 13, "nothing", "", HostShapes.Size),
        new("Range", 13, "nothing", Numbers, null, HostShapes.Range),
        new("Equal", 13, "nothing", Numbers, null, HostArithmetic.Equal),
        new("Where", 13, "nothing", Numbers, null, HostArithmetic.Where),
        new("Not", 13, "nothing", Numbers, null, HostArithmetic.Not),
        new("Min", 13, "nothing", Numbers + ", two operands", null, HostArithmetic.Min),
        new("Max", 13, "nothing", Numbers + ", two operands", null, HostArithmetic.Max),
        new("Floor", 13, "nothing", Numbers, null, HostArithmetic.Floor),
        new("Ceil", 13, "nothing", Numbers, null, HostArithmetic.Ceil),
        new("ReduceProd", 13, "nothing", Numbers, null, HostShapes.ReduceProduct),
    ];

    private static FrozenDictionary<string, OnnxOperator> ByType { get; } = All.ToFrozenDictionary(o => o.Type, StringComparer.Ordinal);

    private static FrozenSet<string> Random { get; } =
        FrozenSet.Create(StringComparer.Ordinal, "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial");

    /// <summary>Converts one node.</summary>
    internal static void Convert(NodeConversion call)
    {
        OnnxNode node = call.Node;
        if (node.Domain is not ("" or "ai.onnx"))
        {
            throw call.Refuse($"it is a custom operator of {ModelErrors.Quote(node.Domain)}", "write that part of the network with operators of ONNX; docs/operators.md lists what is read");
        }

        if (node.HasGraph || node.Type is "If" or "Loop" or "Scan")
        {
            throw call.Refuse("what it computes depends on the data or repeats", "export with fixed shapes and without conditions on tensors, so that the graph is straight");
        }

        if (Random.Contains(node.Type))
        {
            throw call.Refuse("it draws random numbers", "call model.eval() before the export: a network must give the same outputs every time");
        }

        if (!ByType.TryGetValue(node.Type, out OnnxOperator? known) || call.Graph.Graph.Opset < known.Since)
        {
            throw call.Refuse("this operator is not read", "write that part of the network with the operators in docs/operators.md");
        }

        bool isKnown = known.Fold is not null && Enumerable.Range(0, call.InputCount).All(i => !call.Has(i) || call.IsHost(i));
        if (isKnown && (call.InputCount > 0 || known.Convert is null))
        {
            known.Fold!(call);
        }
        else if (known.Convert is { } convert)
        {
            convert(call);
        }
        else
        {
            throw call.Refuse("it works on data; here only on shapes and other constants", "write that part of the network with the operators in docs/operators.md");
        }
    }
}
