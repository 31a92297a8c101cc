using AdaptCluster.Import.Tests.Support;
using DataType = OnnxSchema.TensorProto.Types.DataType;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>Files with one operator of interest each.</summary>
internal static class OperatorCases
{
    private const int Vocabulary = 4;

    /// <summary>By name: the opset, whether inputs are indices, and the value that is the output.</summary>
    public static Dictionary<string, (int Opset, Func<TestModel, string> Build)> All { get; } = Make();

    private static Dictionary<string, (int Opset, Func<TestModel, string> Build)> Make()
    {
        var cases = new Dictionary<string, (int, Func<TestModel, string>)>();
        void Add(string name, Func<TestModel, string> build, int opset = 17) => cases.Add(name, (opset, build));
        void Image(string name, Func<TestModel, string, string> build, int opset = 17) => Add(name, m => build(m, m.Scaled(m.Input("x", [4, 7, 6]))), opset);
        void Vector(string name, Func<TestModel, string, string> build, int opset = 17) => Add(name, m => build(m, m.Scaled(m.Input("x", [3, 4]))), opset);

        foreach (string type in new[] { "Relu", "Elu", "Tanh", "Sigmoid", "Softplus", "HardSwish", "Erf", "Exp", "Neg", "Abs", "Reciprocal", "Sin", "Cos", "Identity", "LeakyRelu" })
        {
            Vector(type, (m, x) => m.Node(type, [x]));
        }

        Vector("LeakyRelu alpha", (m, x) => m.Node("LeakyRelu", [x], ("alpha", 0.3f)));
        Vector("Elu alpha", (m, x) => m.Node("Elu", [x], ("alpha", 0.7f)));
        Vector("HardSigmoid", (m, x) => m.Node("HardSigmoid", [x], ("alpha", 1f / 6), ("beta", 0.5f)));
        Vector("Gelu", (m, x) => m.Node("Gelu", [x]), 20);
        Vector("Gelu tanh", (m, x) => m.Node("Gelu", [x], ("approximate", "tanh")), 20);
        Vector("Clip", (m, x) => m.Node("Clip", [x, m.Number(-0.5f), m.Number(0.25f)]));
        Vector("Clip below", (m, x) => m.Node("Clip", [x, m.Number(0.1f)]));
        Vector("Clip above", (m, x) => m.Node("Clip", [x, "", m.Number(0.1f)]));
        Vector("Log and Sqrt", (m, x) => m.Node("Log", [m.Node("Sqrt", [m.Node("Exp", [x])])]));
        Vector("Pow 2", (m, x) => m.Node("Pow", [x, m.Number(2)]));
        Vector("Pow 3", (m, x) => m.Node("Pow", [x, m.Number(3)]));
        Vector("Pow of value", (m, x) => m.Node("Pow", [m.Node("Exp", [x]), x]));
        Vector("Sub", (m, x) => m.Node("Sub", [m.Numbers(1, 2, 3, 4), x]));
        Vector("Div by parameter", (m, x) => m.Node("Div", [x, m.Parameter("p", 3, 1)]));
        Vector("Add position with batch axis", (m, x) => m.Node("Add", [x, m.Parameter("p", 1, 3, 4)]));
        Vector("Add after transpose", (m, x) => m.Node("Transpose", [m.Node("Add", [m.Node("Transpose", [x], ("perm", new[] { 1, 0, 2 })), m.Parameter("p", 3, 1, 4)])], ("perm", new[] { 1, 0, 2 })));
        Vector("Sum", (m, x) => m.Node("Sum", [x, m.Parameter("p", 4), x]));
        Vector("Mean", (m, x) => m.Node("Mean", [x, m.Parameter("p", 4)]));
        Vector("Softmax", (m, x) => m.Node("Softmax", [x], ("axis", 1)));
        Vector("LogSoftmax", (m, x) => m.Node("LogSoftmax", [x]));
        Vector("ReduceMean", (m, x) => m.Node("ReduceMean", [x], ("axes", new[] { 1 })));
        Vector("ReduceMean 18", (m, x) => m.Node("ReduceMean", [x, m.Wholes(-1)], ("keepdims", 0)), 18);
        Vector("ReduceSum", (m, x) => m.Node("ReduceSum", [x, m.Wholes(1, 2)]));
        Vector("ReduceSum noop", (m, x) => m.Node("ReduceSum", [x], ("noop_with_empty_axes", 1)));
        Vector("Concat", (m, x) => m.Node("Concat", [x, m.Node("Tanh", [x])], ("axis", -1)));
        Vector("Concat expanded parameter", (m, x) => m.Node("Concat", [x, Token(m, x)], ("axis", 1)));
        Vector("Flatten 2", (m, x) => m.Node("Reshape", [m.Node("Flatten", [x], ("axis", 2)), m.Wholes(-1, 12)]));
        Vector("Transpose", (m, x) => m.Node("Transpose", [x], ("perm", new[] { 0, 2, 1 })));
        Vector("Reshape through merged rows", (m, x) => m.Node("Reshape", [m.Node("Tanh", [m.Node("Reshape", [x, m.Wholes(-1, 2)])]), m.Wholes(-1, 12)]));
        Vector("Squeeze and Unsqueeze", (m, x) => m.Node("Squeeze", [m.Node("Unsqueeze", [x, m.Wholes(0, 3)]), m.Wholes(0)]));
        Vector("Slice", (m, x) => m.Node("Slice", [x, m.Wholes(-3, 1), m.Wholes(long.MaxValue, -1), m.Wholes(1, 2)]));
        Vector("Slice step", (m, x) => m.Node("Slice", [x, m.Wholes(0), m.Wholes(4), m.Wholes(2), m.Wholes(2)]));
        Vector("Slice all rows", (m, x) => m.Node("Slice", [x, m.Wholes(0), m.Wholes(long.MaxValue), m.Wholes(0)]));
        Vector("Split", (m, x) => m.Node("Mul", m.Nodes("Split", [x], 2, ("axis", 2))));
        Vector("Split sizes", (m, x) => m.Nodes("Split", [x, m.Wholes(1, 3)], 2, ("axis", -1))[1]);
        Vector("Split 18", (m, x) => m.Nodes("Split", [x], 2, ("axis", 1), ("num_outputs", 2))[1], 18);
        Vector("Gather one", (m, x) => m.Node("Gather", [x, m.Whole(-1)], ("axis", 1)));
        Vector("Gather several", (m, x) => m.Node("Gather", [x, m.Wholes(2, 0, 2)], ("axis", 1)));
        Vector("Gather matrix of indices", (m, x) => m.Node("Gather", [x, m.Constant(TestModel.Int64([0, 1, 3, 2], 2, 2))], ("axis", 2)));
        Vector("Expand", (m, x) => m.Node("Expand", [m.Node("Unsqueeze", [x, m.Wholes(1)]), m.Wholes(1, 2, 1, 1)]));
        Vector("Expand by shape", (m, x) => m.Node("Mul", [x, m.Node("Expand", [m.Parameter("p", 1, 1, 4), m.Node("Shape", [x])])]));
        Vector("ConstantOfShape", (m, x) => m.Node("Add", [x, m.Node("ConstantOfShape", [m.Node("Shape", [x])], ("value", TestModel.Floats([2.5f], 1)))]));
        Vector("Pad", (m, x) => m.Node("Pad", [x, m.Wholes(0, 1, 0, 0, 0, 2), m.Number(0.5f)]));
        Vector("Pad axes", (m, x) => m.Node("Pad", [x, m.Wholes(1, 2), "", m.Wholes(2)]), 18);
        Vector("Dropout", (m, x) => m.Node("Dropout", [x, m.Number(0.5f)]));
        Vector("Cast", (m, x) => m.Node("Cast", [x], ("to", (int)DataType.Float)));
        Vector("Shape arithmetic", ShapeArithmetic);
        Vector("MatMul parameter", (m, x) => m.Node("MatMul", [x, m.Parameter("w", 4, 5)]));
        Vector("MatMul bias", (m, x) => m.Node("Add", [m.Parameter("b", 5), m.Node("MatMul", [x, m.Parameter("w", 4, 5)])]));
        Vector("MatMul vector", (m, x) => m.Node("MatMul", [x, m.Parameter("w", 4)]));
        Vector("MatMul parameter left", (m, x) => m.Node("MatMul", [m.Parameter("w", 2, 3), x]));
        Vector("MatMul values", (m, x) => m.Node("MatMul", [x, m.Node("Transpose", [x], ("perm", new[] { 0, 2, 1 }))]));
        Vector("MatMul batch of parameters", (m, x) => m.Node("MatMul", [x, m.Parameter("w", 1, 4, 2)]));
        Vector("MatMul tied both ways", (m, x) => m.Node("MatMul", [m.Node("MatMul", [x, m.Parameter("w", 4, 5)]), m.Node("Transpose", ["w"])]));
        Vector("MatMul product of parameters", (m, x) => m.Node("MatMul", [m.Node("Flatten", [x]), m.Node("MatMul", [m.Parameter("v", 12, 2), m.Parameter("w", 2, 3)])]));
        Vector("LayerNormalization", (m, x) => m.Node("LayerNormalization", [x, m.Parameter("w", 4), m.Parameter("b", 4)], ("axis", -1)));
        Vector("LayerNormalization two axes", (m, x) => m.Node("LayerNormalization", [x, m.Parameter("w", 3, 4)], ("axis", 1), ("epsilon", 0.1f)));
        Vector("LayerNormalization constant", (m, x) => m.Node("LayerNormalization", [x, m.Numbers(1, 1, 1, 1), m.Numbers(0, 0, 0, 0)]));
        Vector("SiLU", (m, x) => m.Node("Mul", [m.Node("Sigmoid", [x]), x]));
        Vector("GELU in parts", (m, x) => m.Node("Mul", [m.Node("Mul", [x, m.Node("Add", [m.Node("Erf", [m.Node("Div", [x, m.Number(MathF.Sqrt(2))])]), m.Number(1)])]), m.Number(0.5f)]));
        Vector("Range of positions", (m, x) => m.Node("Add", [x, m.Node("Gather", [m.Parameter("p", 9, 4), m.Node("Range", [m.Whole(0), m.Node("Squeeze", [m.Node("Slice", [m.Node("Shape", [x]), m.Wholes(1), m.Wholes(2)]), m.Wholes(0)]), m.Whole(1)])])]));
        Vector("Expand with Where", ExpandWithWhere);

        Add("Gemm", m => m.Node("Gemm", [m.Input("x", [3]), m.Parameter("w", 3, 2), m.Parameter("b", 2)]));
        Add("Gemm transposed", m => m.Node("Gemm", [m.Input("x", [3]), m.Parameter("w", 2, 3), m.Parameter("b", 2)], ("transB", 1)));
        Add("Gemm alpha beta", m => m.Node("Gemm", [m.Input("x", [3]), m.Parameter("w", 3, 2), m.Parameter("b", 2)], ("alpha", 0.5f), ("beta", 2f)));
        Add("Gemm bias matrix", m => m.Node("Gemm", [m.Input("x", [3]), m.Parameter("w", 3, 2), m.Parameter("b", 1, 2)]));
        Add("Gemm without bias", m => m.Node("Gemm", [m.Input("x", [3]), m.Parameter("w", 3, 2)]));
        Add("Gemm transA", m => m.Node("Gemm", [m.Node("Transpose", [m.Input("x", [3])]), m.Parameter("w", 3, 2)], ("transA", 1)));
        Add("Embedding", m => m.Node("Gather", [m.Parameter("table", Vocabulary, 3), m.Input("x", [5], DataType.Int64)]));
        Add("Embedding of a column", m => m.Node("Gather", [m.Parameter("table", Vocabulary, 3), m.Node("Gather", [m.Input("x", [5], DataType.Int64), m.Whole(1)], ("axis", 1))]));
        Add("Embedding tied", m => m.Node("MatMul", [m.Node("Gather", [m.Parameter("table", Vocabulary, 3), m.Input("x", [5], DataType.Int64)]), m.Node("Transpose", ["table"])]));
        Add("Embedding by cast", m => m.Node("Gather", [m.Parameter("table", Vocabulary, 3), m.Node("Cast", [m.Input("x", [5], DataType.Int64),], ("to", (int)DataType.Int32))]));
        Add("Two inputs", m => m.Node("Add", [m.Scaled(m.Input("x", [3])), m.Input("y", [3])]));

        Image("Conv", (m, x) => m.Node("Conv", [x, m.Parameter("w", 5, 4, 3, 2), m.Parameter("b", 5)], ("pads", new[] { 1, 0, 1, 0 }), ("strides", new[] { 2, 1 })));
        Image("Conv uneven", (m, x) => m.Node("Conv", [x, m.Parameter("w", 2, 4, 3, 3)], ("pads", new[] { 2, 0, 0, 1 })));
        Image("Conv groups", (m, x) => m.Node("Conv", [x, m.Parameter("w", 6, 2, 3, 3)], ("group", 2), ("dilations", new[] { 2, 1 })));
        Image("Conv same upper", (m, x) => m.Node("Conv", [x, m.Parameter("w", 2, 4, 4, 3)], ("auto_pad", "SAME_UPPER"), ("strides", new[] { 2, 2 })));
        Image("Conv same lower", (m, x) => m.Node("Conv", [x, m.Parameter("w", 2, 4, 4, 3)], ("auto_pad", "SAME_LOWER"), ("strides", new[] { 2, 2 })));
        Image("Conv valid", (m, x) => m.Node("Conv", [x, m.Parameter("w", 2, 4, 4, 3)], ("auto_pad", "VALID")));
        Add("Conv one axis", m => m.Node("Conv", [m.Input("x", [4, 9]), m.Parameter("w", 2, 4, 3)], ("dilations", new[] { 2 })));
        Image("MaxPool", (m, x) => m.Node("MaxPool", [x], ("kernel_shape", new[] { 3, 2 }), ("strides", new[] { 2, 2 }), ("pads", new[] { 1, 1, 1, 1 })));
        Image("MaxPool uneven", (m, x) => m.Node("MaxPool", [x], ("kernel_shape", new[] { 2, 2 }), ("pads", new[] { 1, 0, 0, 1 })));
        Image("MaxPool dilated", (m, x) => m.Node("MaxPool", [x], ("kernel_shape", new[] { 2, 2 }), ("dilations", new[] { 2, 1 })));
        Image("AveragePool", (m, x) => m.Node("AveragePool", [x], ("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 1, 1, 1 })));
        Image("AveragePool counting", (m, x) => m.Node("AveragePool", [x], ("kernel_shape", new[] { 3, 3 }), ("pads", new[] { 1, 0, 0, 1 }), ("count_include_pad", 1)));
        Image("GlobalAveragePool", (m, x) => m.Node("GlobalAveragePool", [x]));
        Image("GlobalMaxPool", (m, x) => m.Node("GlobalMaxPool", [x]));
        Image("BatchNormalization", (m, x) => m.Node("BatchNormalization", [x, m.Parameter("w", 4), m.Parameter("b", 4), m.Parameter("m", 4), m.Initializer("v", [1, 2, 3, 4], 4)], ("epsilon", 0.01f)));
        Image("BatchNormalization constant", (m, x) => m.Node("BatchNormalization", [x, m.Numbers(1, 1, 1, 1), m.Numbers(0, 0, 1, 0), m.Parameter("m", 4), m.Initializer("v", [1, 2, 3, 4], 4)]));
        Image("InstanceNormalization", (m, x) => m.Node("InstanceNormalization", [x, m.Parameter("w", 4), m.Parameter("b", 4)], ("epsilon", 0.01f)));
        Image("InstanceNormalization constant", (m, x) => m.Node("InstanceNormalization", [x, m.Numbers(1, 2, 1, 1), m.Numbers(0, 0, 1, 0)]));
        Image("GroupNorm in parts", (m, x) => m.Node("Add", [m.Node("Mul", [m.Node("Reshape", [m.Node("InstanceNormalization", [m.Node("Reshape", [x, m.Wholes(0, 2, -1)]), m.Numbers(1, 1), m.Numbers(0, 0)]), m.Node("Shape", [x])]), m.Parameter("w", 4, 1, 1)]), m.Parameter("b", 4, 1, 1)]));
        Image("GroupNormalization 21", (m, x) => m.Node("GroupNormalization", [x, m.Parameter("w", 4), m.Parameter("b", 4)], ("num_groups", 2)), 21);
        Image("GroupNormalization 18", (m, x) => m.Node("GroupNormalization", [x, m.Parameter("w", 2), m.Parameter("b", 2)], ("num_groups", 2)), 18);
        return cases;
    }

    private static string Token(TestModel m, string x)
    {
        string rows = m.Node("Slice", [m.Node("Shape", [x]), m.Wholes(0), m.Wholes(1)]);
        return m.Node("Expand", [m.Parameter("token", 1, 1, 4), m.Node("Concat", [rows, m.Wholes(1, 4)], ("axis", 0))]);
    }

    private static string ShapeArithmetic(TestModel m, string x)
    {
        string shape = m.Node("Shape", [x]);
        string rows = m.Node("Gather", [shape, m.Whole(0)]);
        string width = m.Node("Gather", [shape, m.Whole(2)]);
        string half = m.Node("Cast", [m.Node("Div", [width, m.Whole(2)])], ("to", (int)DataType.Int64));
        string merged = m.Node("Unsqueeze", [m.Node("Mul", [rows, half]), m.Wholes(0)]);
        string turned = m.Node("Transpose", [x], ("perm", new[] { 1, 0, 2 })); // [3, N, 4]
        string heads = m.Node("Reshape", [turned, m.Node("Concat", [m.Wholes(3), merged, m.Wholes(2)], ("axis", 0))]); // [3, 2 N, 2]
        string root = m.Node("Pow", [m.Node("Cast", [width], ("to", (int)DataType.Float)), m.Number(0.5f)]);
        string back = m.Node("Reshape", [m.Node("Div", [m.Node("Transpose", [heads], ("perm", new[] { 1, 0, 2 })), root]), m.Node("Concat", [m.Wholes(-1), m.Wholes(2, 3, 2)], ("axis", 0))]);
        return m.Node("Transpose", [back], ("perm", new[] { 0, 2, 1, 3 }));
    }

    // As PyTorch writes x.expand(-1, ...).
    private static string ExpandWithWhere(TestModel m, string x)
    {
        string rows = m.Node("Slice", [m.Node("Shape", [x]), m.Wholes(0), m.Wholes(1)]);
        string wanted = m.Node("Concat", [rows, m.Wholes(-1, 4)], ("axis", 0));
        string ones = m.Node("ConstantOfShape", [m.Wholes(3)], ("value", TestModel.Int64([1], 1)));
        string isFree = m.Node("Equal", [wanted, m.Node("Mul", [ones, m.Whole(-1)])]);
        return m.Node("Add", [x, m.Node("Expand", [m.Parameter("p", 1, 3, 1), m.Node("Where", [isFree, ones, wanted])])]);
    }
}
