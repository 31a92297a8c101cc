using AdaptCluster.Import.Onnx;
using AdaptCluster.Import.Tests.Support;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Networks;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>Each operator against ONNX Runtime.</summary>
public sealed class OperatorTests
{
    private const int Rows = 5;
    private const double Tolerance = 2e-5; // ONNX Runtime computes in 32 bits

    public static TheoryData<string> Names => new(OperatorCases.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_Operator_GivesWhatOnnxRuntimeGives(string name)
    {
        (int opset, Func<TestModel, string> build) = OperatorCases.All[name];
        var model = new TestModel(opset);
        byte[] bytes = model.Finish(build(model));
        NetworkWeights weights = OnnxImporter.Import(bytes, name).Weights;
        RowMatrix x = name.Contains("Embedding", StringComparison.Ordinal) ? Wholes(weights.Spec.InputWidth) : Normal(weights.Spec.InputWidth);

        Assert.InRange(Networks.Error(Runtime.Evaluate(bytes, x), Networks.Evaluate(weights, x)), 0, Tolerance);
    }

    private static RowMatrix Normal(int width) => Numbers.Rows(3, Rows, width);

    private static RowMatrix Wholes(int width) => new(Rows, width, [.. Enumerable.Range(0, Rows * width).Select(i => (double)(i * 7 % 4))]);
}
