using System.Diagnostics;
using AdaptCluster.Formats;
using AdaptCluster.Import.Onnx;
using AdaptCluster.Import.Tests.Support;
using AdaptCluster.Numerics.Networks;
using Google.Protobuf;
using OnnxSchema;
using DataType = OnnxSchema.TensorProto.Types.DataType;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>What is refused, and what is said about it.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string> Names => new(Cases.Keys);

    private static Dictionary<string, (string Where, string Problem, Action<TestModel> Build)> Cases { get; } = new()
    {
        ["dropout in training"] = ("Dropout", "training mode", m => m.Finish(m.Node("Dropout", [X(m), m.Number(0.5f), m.Constant(Truth())]))),
        ["batch norm in training"] = ("BatchNormalization", "training mode", m => m.Finish(m.Node("BatchNormalization", [X(m), m.Parameter("w", 3), m.Parameter("b", 3), m.Parameter("m", 3), m.Parameter("v", 3)], ("training_mode", 1)))),
        ["random"] = ("RandomNormalLike", "random", m => m.Finish(m.Node("RandomNormalLike", [X(m)]))),
        ["if"] = ("If", "depends on the data", m => m.Finish(m.Node("If", [X(m)], ("then_branch", new GraphProto()), ("else_branch", new GraphProto())))),
        ["loop"] = ("Loop", "depends on the data", m => m.Finish(m.Node("Loop", [X(m)], ("body", new GraphProto())))),
        ["unknown"] = ("Einsum", "not read", m => m.Finish(m.Node("Einsum", [X(m)], ("equation", "ij->ij")))),
        ["too new for the opset"] = ("Gelu", "not read", m => m.Finish(m.Node("Gelu", [X(m)]))),
        ["custom domain"] = ("Magic", "custom operator of 'com.example'", m =>
        {
            m.Finish(m.Node("Magic", [X(m)]));
            m.Graph.Node.First(n => n.OpType == "Magic").Domain = "com.example";
        }
        ),
        ["shape from data"] = ("Reshape", "depends on the data", m => m.Finish(m.Node("Reshape", [X(m), m.Node("Cast", [X(m, "y", DataType.Int64)], ("to", (int)DataType.Int64))]))),
        ["indices from data"] = ("Gather", "depend on the data", m => m.Finish(m.Node("Gather", [X(m), m.Input("i", [2], DataType.Int64)]))),
        ["rounding"] = ("Cast", "rounds", m => m.Finish(m.Node("Neg", [m.Node("Cast", [X(m)], ("to", (int)DataType.Int64))]))),
        ["sum over rows"] = ("ReduceMean", "rows must not mix", m => m.Finish(m.Node("ReduceMean", [X(m)], ("axes", new[] { 0 })))),
        ["sum over everything"] = ("ReduceSum", "rows must not mix", m => m.Finish(m.Node("ReduceSum", [X(m)]))),
        ["softmax over rows"] = ("Softmax", "rows must not mix", m => m.Finish(m.Node("Softmax", [X(m)], ("axis", 0)))),
        ["rows against rows"] = ("MatMul", "rows would mix", m => m.Finish(m.Node("MatMul", [X(m), m.Node("Transpose", [X(m, "y")])]))),
        ["rows transposed"] = ("Add", "rows would mix", m => m.Finish(m.Node("Add", [X(m), m.Node("Transpose", [X(m, "y")])]))),
        ["one row taken"] = ("Gather", "rows must not mix", m => m.Finish(m.Node("Gather", [X(m), m.Whole(0)]))),
        ["rows sliced"] = ("Slice", "rows must not mix", m => m.Finish(m.Node("Slice", [X(m), m.Wholes(0), m.Wholes(1), m.Wholes(0)]))),
        ["rows joined"] = ("Concat", "rows must not mix", m => m.Finish(m.Node("Concat", [X(m), X(m, "y")], ("axis", 0)))),
        ["number of rows baked in"] = ("Reshape", "keep the number of rows", m => m.Finish(m.Node("Reshape", [X(m), m.Wholes(2, 3)]))),
        ["rows moved inside"] = ("Reshape", "lie elsewhere", m => m.Finish(m.Node("Reshape", [m.Node("Transpose", [X(m)]), m.Node("Concat", [m.Node("Slice", [m.Node("Shape", ["x"]), m.Wholes(0), m.Wholes(1)]), m.Wholes(3)], ("axis", 0))]))),
        ["negative step"] = ("Slice", "step", m => m.Finish(m.Node("Slice", [X(m), m.Wholes(-1), m.Wholes(-9), m.Wholes(1), m.Wholes(-1)]))),
        ["infinite constant"] = ("tensor 'v", "not finite", m => m.Finish(m.Node("Add", [m.Scaled(X(m)), m.Numbers(0, 0, float.NegativeInfinity)]))),
        ["infinite weight"] = ("tensor 'w'", "not finite", m => m.Finish(m.Node("MatMul", [X(m), m.Initializer("w", [1, 2, float.NaN], 3, 1)]))),
        ["no parameter"] = ("", "no parameter", m => m.Finish(m.Node("Neg", [X(m)]))),
        ["output is not one line per row"] = ("output", "first axis", m => m.Output(m.Node("Transpose", [m.Scaled(X(m))]))),
        ["fixed batch"] = ("input 'x'", "fixed to 4", m => m.Finish(m.Scaled(m.Input("x", [3], batch: 4)))),
        ["other dynamic axis"] = ("input 'x'", "axis 1", m => m.Finish(m.Scaled(m.Input("x", [-5])))),
        ["boolean input"] = ("input 'x'", "bool", m => m.Finish(m.Scaled(m.Input("x", [3], DataType.Bool)))),
        ["absurd input"] = ("input 'x'", "axis 2", m => m.Finish(m.Scaled(m.Input("x", [1 << 28, 1 << 28])))),
        ["cycle"] = ("Neg", "cycle", m =>
        {
            m.Finish(m.Node("Neg", [X(m)]));
            m.Graph.Node[0].Input[0] = m.Graph.Node[1].Output[0];
        }
        ),
        ["undefined"] = ("Neg", "not there", m => m.Finish(m.Node("Neg", ["nowhere"]))),
        ["duplicate output"] = ("Neg", "name of another", m =>
        {
            m.Finish(m.Node("Neg", [X(m)]));
            m.Graph.Node[0].Output[0] = "x";
        }
        ),
        ["duplicate tensor"] = ("tensor 'w'", "another value has its name", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Parameter("w", 2);
            m.Parameter("w", 2);
        }
        ),
        ["missing attribute"] = ("MaxPool", "'kernel_shape' is missing", m => m.Finish(m.Node("MaxPool", [m.Input("x", [2, 5])]))),
        ["attribute of another type"] = ("Softmax", "of the type", m => m.Finish(m.Node("Softmax", [X(m)], ("axis", 1f)))),
        ["missing input"] = ("Add", "input 1 is missing", m => m.Finish(m.Node("Add", [X(m)]))),
        ["output that is not read"] = ("Neg", "is computed after it or is an output that is not read", m => m.Finish(m.Node("Neg", [m.Nodes("Dropout", [X(m)], 2)[1]]))),
        ["tensor without its data"] = ("tensor 'scale'", "its data are others", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Graph.Initializer[0].Dims[0] = 1 << 20;
        }
        ),
        ["negative length"] = ("tensor 'scale'", "cannot be", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Graph.Initializer[0].Dims[0] = -1;
        }
        ),
        ["overflowing lengths"] = ("tensor 'scale'", "cannot be", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Graph.Initializer[0].Dims.AddRange([1L << 31, 1L << 31, 4]);
        }
        ),
        ["text"] = ("tensor 'scale'", "string", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Graph.Initializer[0].DataType = (int)DataType.String;
        }
        ),
        ["quantised"] = ("DequantizeLinear", "not read", m => m.Finish(m.Node("DequantizeLinear", [X(m)]))),
        ["much arithmetic"] = ("Range", "more than", m => m.Finish(m.Node("Add", [X(m), m.Node("Range", [m.Number(0), m.Number(1e9f), m.Number(1)])]))),
        ["huge repetition"] = ("Expand", "cannot be", m => m.Finish(m.Node("Expand", [X(m), m.Wholes(1 << 20, 1 << 20, 1, 3)]))),
        ["huge padding"] = ("Pad", "up to", m => m.Finish(m.Node("Pad", [m.Node("Pad", [m.Input("x", [50, 50, 50]), m.Wholes(0, 60000, 0, 0, 0, 0, 0, 0)]), m.Wholes(0, 0, 60000, 60000, 0, 0, 0, 0)]))),
        ["sparse"] = ("", "sparse", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Graph.SparseInitializer.Add(new SparseTensorProto());
        }
        ),
        ["functions"] = ("", "functions", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Model.Functions.Add(new FunctionProto());
        }
        ),
        ["training information"] = ("", "training information", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Model.TrainingInfo.Add(new TrainingInfoProto());
        }
        ),
        ["old opset"] = ("", "opset 12", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Model.OpsetImport[0].Version = 12;
        }
        ),
        ["no opset"] = ("", "which opset", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Model.OpsetImport.Clear();
        }
        ),
        ["old file"] = ("", "IR version is 2", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Model.IrVersion = 2;
        }
        ),
        ["two outputs"] = ("", "2 outputs", m =>
        {
            m.Finish(m.Scaled(X(m)));
            m.Output("other");
        }
        ),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_WhatIsNotRead_SaysWhereAndWhat(string name)
    {
        (string where, string problem, Action<TestModel> build) = Cases[name];
        var model = new TestModel();
        build(model);

        ModelFileException error = Measured.Refusal(model.ToBytes());

        Assert.Equal("hostile.onnx", error.File);
        Assert.Contains(where, error.Where ?? string.Empty, StringComparison.Ordinal);
        Assert.Contains(problem, error.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public void Import_TwoOutputs_TakesTheNamedOne()
    {
        var model = new TestModel();
        string value = m(model);
        model.Output(value);
        model.Finish(model.Node("Neg", [value]));

        Assert.Equal(3, OnnxImporter.Import(model.ToBytes(), "file", output: value).Weights.Spec.Outputs);
        Assert.Contains("no output 'no'", Assert.Throws<ModelFileException>(() => OnnxImporter.Import(model.ToBytes(), "file", output: "no")).Message, StringComparison.Ordinal);

        static string m(TestModel model) => model.Scaled(X(model));
    }

    [Fact]
    public void Import_BatchFixedToOne_IsDynamic()
    {
        var model = new TestModel();
        string x = model.Scaled(model.Input("x", [2, 6], batch: 1));
        string heads = model.Node("Transpose", [model.Node("Reshape", [x, model.Wholes(1, 2, 3, 2)])], ("perm", new[] { 0, 2, 1, 3 }));
        string merged = model.Node("Reshape", [heads, model.Wholes(3, 2, 2)]);
        string token = model.Node("Expand", [model.Parameter("token", 1, 1, 4), model.Wholes(1, -1 + 2, 4)]);
        byte[] bytes = model.Finish(model.Node("Concat", [model.Node("Reshape", [merged, model.Wholes(1, -1, 4)]), token], ("axis", 1)));

        NetworkWeights weights = OnnxImporter.Import(bytes, "file").Weights;

        var rows = Numbers.Rows(1, 1, 12);
        Assert.InRange(Networks.Error(Runtime.Evaluate(bytes, rows), Networks.Evaluate(weights, rows)), 0, 1e-6);
        var more = new Numerics.Data.RowMatrix(2, 12, [.. rows.Values, .. rows.Values]);
        Assert.Equal(2 * weights.Spec.Outputs, Networks.Evaluate(weights, more).Length);
    }

    [Fact]
    public void Import_MillionEmptyMessages_IsRefusedBeforeTheyAreObjects()
    {
        var model = new TestModel();
        model.Finish(model.Scaled(X(model)));
        byte[] graph = [.. model.Graph.ToByteArray(), .. Enumerable.Range(0, 1_000_000).SelectMany(_ => new byte[] { 0x0a, 0x00 })]; // nodes
        byte[] bytes = [.. new ModelProto { IrVersion = 8 }.ToByteArray(), 0x3a, .. Length(graph.Length), .. graph];

        Assert.Null(Measured.Import(bytes));
        Assert.Contains("in memory", Measured.Refusal(bytes).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_DeepMessages_AreRefused()
    {
        byte[] type = [];
        for (int i = 0; i < 200; i++)
        {
            byte[] sequence = [0x0a, .. Length(type.Length), .. type];
            type = [0x22, .. Length(sequence.Length), .. sequence];
        }

        byte[] value = [0x12, .. Length(type.Length), .. type];
        byte[] graph = [0x5a, .. Length(value.Length), .. value];

        Assert.Contains("deep", Measured.Refusal([0x3a, .. Length(graph.Length), .. graph]).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 3)] // 16 bits become 32
    public void Import_LargeWeights_TakesTwiceTheFile(bool isHalf, int times)
    {
        const int Size = 4096;
        var model = new TestModel();
        model.Finish(model.Node("MatMul", [model.Input("x", [Size]), "w"]));
        var tensor = new TensorProto { Name = "w", DataType = (int)(isHalf ? DataType.Float16 : DataType.Float), RawData = ByteString.CopyFrom(new byte[Size * Size * (isHalf ? 2 : 4)]) };
        tensor.Dims.AddRange([Size, Size]);
        model.Graph.Initializer.Add(tensor);
        byte[] bytes = model.ToBytes();

        long before = GC.GetAllocatedBytesForCurrentThread();
        OnnxImporter.Import(bytes, "large.onnx");

        // The descriptions of one node are no megabyte.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, bytes.Length, ((long)times * bytes.Length) + (1 << 20));
    }

    [Fact]
    public void Import_LongChain_TakesTimeInProportion()
    {
        TimeSpan one = Chain(4_000);
        TimeSpan two = Chain(8_000);

        // Proportional would be 2; a square 4. The floor is for clocks and garbage.
        Assert.True(two < TimeSpan.FromSeconds(0.5) + (3 * one), $"{one} became {two}");
    }

    private static TimeSpan Chain(int nodes)
    {
        var model = new TestModel();
        string value = model.Scaled(X(model));
        for (int i = 0; i < nodes; i++)
        {
            value = model.Node("Neg", [value]);
        }

        byte[] bytes = model.Finish(value);
        var watch = Stopwatch.StartNew();
        Assert.NotNull(Measured.Import(bytes));
        return watch.Elapsed;
    }

    private static string X(TestModel model, string name = "x", DataType type = DataType.Float) => model.Input(name, [3], type);

    private static TensorProto Truth()
    {
        var tensor = new TensorProto { DataType = (int)DataType.Bool };
        tensor.Int32Data.Add(1);
        return tensor;
    }

    private static byte[] Length(int length)
    {
        var bytes = new List<byte>();
        for (; length > 0x7f; length >>= 7)
        {
            bytes.Add((byte)(length | 0x80));
        }

        return [.. bytes, (byte)length];
    }
}
