using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks.Nodes;

namespace AdaptCluster.Import.Onnx.Export;

/// <summary>Writes one node. Axis a of a value for one row is axis a + 1 in the file.</summary>
internal sealed class NodeExport(NetworkExport network, int value, ImmutableArray<int> inputs, NetworkNode node)
{
    private OnnxBuilder Builder => network.Builder;

    private ImmutableArray<int> Shape => network.Shape(value);

    private string X => network.Rows(inputs[0]);

    internal string Run() => node switch
    {
        LinearNode linear => Linear(linear),
        ConvolutionNode convolution => new WindowExport(Builder, X, network.Shape(inputs[0]), node.Name).Convolution(
            convolution, network.Tensor(convolution.WeightName), convolution.HasBias ? network.Tensor(convolution.BiasName) : null),
        PoolNode pool => new WindowExport(Builder, X, network.Shape(inputs[0]), node.Name).Pool(pool),
        AdaptivePoolNode pool => new WindowExport(Builder, X, network.Shape(inputs[0]), node.Name).Adaptive(pool),
        NormalisationNode norm => new NormalisationExport(network, X, Shape, norm).Run(),
        EmbeddingNode embedding => Embedding(embedding),
        ActivationNode activation => Activation(activation),
        ElementwiseNode element => element.Function == ElementFunction.Square ? Add("Mul", [X, X]) : Add(TypeOf(element.Function), [X]),
        ArithmeticNode arithmetic => Add(TypeOf(arithmetic.Function), Aligned()),
        MatMulNode => Add("MatMul", Aligned()),
        SoftmaxNode softmax => Add("Softmax", [X], OnnxBuilder.Integer("axis", softmax.Axis + 1)),
        ReduceNode reduce => Reduce(reduce),
        ConcatNode concat => Add("Concat", [.. inputs.Select(network.Rows)], OnnxBuilder.Integer("axis", concat.Axis + 1)),
        ReshapeNode => Add("Reshape", [X, Builder.Wholes([0, .. Shape.Select(l => (long)l)])]),
        TransposeNode transpose => Add("Transpose", [X], OnnxBuilder.Integers("perm", [0, .. transpose.Order.Select(a => a + 1)])),
        SliceNode slice => Add("Slice", [X, Builder.Wholes(slice.Start), Builder.Wholes(slice.End), Builder.Wholes(slice.Axis + 1), Builder.Wholes(slice.Step)]),
        GatherNode gather => Add("Gather", [X, Builder.Wholes([.. gather.Indices.Select(i => (long)i)])], OnnxBuilder.Integer("axis", gather.Axis + 1)),
        PadNode pad => Add("Pad", [X, Builder.Wholes([0, .. pad.Before.Select(p => (long)p), 0, .. pad.After.Select(p => (long)p)]), Builder.Scalar(pad.Value)]),
        ExpandNode => Add("Expand", [Raised(inputs[0], Shape.Length), Builder.Wholes([1, .. Shape.Select(l => (long)l)])]),
        IdentityNode => Add("Identity", [X]),
        _ => throw new ArgumentException($"'{node.Name}' is a {node.GetType().Name}, which is not written."),
    };

    private string Add(string type, ReadOnlySpan<string> operands, params ReadOnlySpan<OnnxSchema.AttributeProto> attributes) =>
        Builder.Add(type, operands, node.Name, attributes);

    private string Linear(LinearNode linear)
    {
        string weight = network.Tensor(linear.WeightName);
        if (Shape.Length == 1)
        {
            string[] operands = linear.HasBias ? [X, weight, network.Tensor(linear.BiasName)] : [X, weight];
            return Add("Gemm", operands, OnnxBuilder.Integer("transB", 1));
        }

        string turned = Builder.Add("Transpose", [weight], null, OnnxBuilder.Integers("perm", [1, 0]));
        return linear.HasBias
            ? Add("Add", [Builder.Add("MatMul", [X, turned], null), network.Tensor(linear.BiasName)])
            : Add("MatMul", [X, turned]);
    }

    private string Embedding(EmbeddingNode embedding)
    {
        string indices = network.IsWhole(inputs[0]) ? X : Builder.Add("Cast", [X], null, OnnxBuilder.Integer("to", (int)OnnxSchema.TensorProto.Types.DataType.Int64));
        return Add("Gather", [network.Tensor(embedding.WeightName), indices]);
    }

    private string Reduce(ReduceNode reduce)
    {
        int[] axes = [.. reduce.Axes.Select(a => a + 1)];
        OnnxSchema.AttributeProto keeps = OnnxBuilder.Integer("keepdims", reduce.KeepsAxes ? 1 : 0);
        return reduce.Function == Reduction.Mean
            ? Add("ReduceMean", [X], OnnxBuilder.Integers("axes", axes), keeps)
            : Add("ReduceSum", [X, Builder.Wholes([.. axes.Select(a => (long)a)])], keeps);
    }

    private string Activation(ActivationNode activation)
    {
        string x = X;
        return activation.Function switch
        {
            Numerics.Networks.Activation.Identity => Add("Identity", [x]),
            Numerics.Networks.Activation.Tanh => Add("Tanh", [x]),
            Numerics.Networks.Activation.ReLU => Add("Relu", [x]),
            Numerics.Networks.Activation.Sigmoid => Add("Sigmoid", [x]),
            Numerics.Networks.Activation.SiLU => Add("Mul", [x, Builder.Add("Sigmoid", [x], null)]),
            Numerics.Networks.Activation.LeakyReLU => Add("LeakyRelu", [x], OnnxBuilder.Number("alpha", activation.Alpha ?? 0.01)),
            Numerics.Networks.Activation.ELU => Add("Elu", [x], OnnxBuilder.Number("alpha", activation.Alpha ?? 1)),
            Numerics.Networks.Activation.Softplus => Add("Softplus", [x]),
            Numerics.Networks.Activation.HardSwish => Add("HardSwish", [x]),
            Numerics.Networks.Activation.HardSigmoid => Add("HardSigmoid", [x], OnnxBuilder.Number("alpha", 1.0 / 6), OnnxBuilder.Number("beta", 0.5)),
            Numerics.Networks.Activation.GELU => Gelu(x, Builder.Add("Erf", [Builder.Add("Div", [x, Builder.Scalar(Math.Sqrt(2))], null)], null)),
            Numerics.Networks.Activation.GELUTanh => Gelu(x, Builder.Add("Tanh", [TanhArgument(x)], null)),
            _ => throw new ArgumentException($"'{node.Name}' is {activation.Function}, which is not written."),
        };
    }

    // x (1 + gate) / 2
    private string Gelu(string x, string gate)
    {
        string scaled = Builder.Add("Mul", [x, Builder.Add("Add", [gate, Builder.Scalar(1)], null)], null);
        return Add("Mul", [scaled, Builder.Scalar(0.5)]);
    }

    // sqrt(2 / pi) (x + 0.044715 x^3)
    private string TanhArgument(string x)
    {
        string cube = Builder.Add("Mul", [Builder.Add("Mul", [x, x], null), x], null);
        string sum = Builder.Add("Add", [x, Builder.Add("Mul", [cube, Builder.Scalar(0.044715)], null)], null);
        return Builder.Add("Mul", [sum, Builder.Scalar(Math.Sqrt(2 / Math.PI))], null);
    }

    // ONNX aligns whole shapes at the last axis, a network those of rows: where ranks differ, axes of 1 go behind that of the rows. A
    // shared operand has none and is aligned as it is, if the other one has.
    private string[] Aligned()
    {
        int rank = inputs.Max(i => network.Shape(i).Length);
        bool areShared = inputs.All(network.IsShared);
        return [.. inputs.Select((input, k) => network.IsShared(input) && !(areShared && k == 0) ? network.Value(input) : Raised(input, rank))];
    }

    private string Raised(int input, int rank)
    {
        int missing = rank - network.Shape(input).Length;
        string rows = network.Rows(input);
        return missing == 0 ? rows : Builder.Add("Unsqueeze", [rows, Builder.Wholes([.. Enumerable.Range(1, missing).Select(a => (long)a)])], null);
    }

    private static string TypeOf(ElementFunction function) => function switch
    {
        ElementFunction.Negate => "Neg",
        _ => function.ToString(), // Exp, Log, Sqrt, Erf, Abs, Reciprocal, Sin, Cos
    };

    private static string TypeOf(ArithmeticFunction function) => function switch
    {
        ArithmeticFunction.Add => "Add",
        ArithmeticFunction.Subtract => "Sub",
        ArithmeticFunction.Multiply => "Mul",
        ArithmeticFunction.Divide => "Div",
        _ => "Pow",
    };
}
