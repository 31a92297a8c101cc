using AdaptCluster.Import.Onnx;
using AdaptCluster.Import.Tests.Support;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using TorchSharp;

namespace AdaptCluster.Import.Tests.Onnx;

/// <summary>What is imported is what PyTorch exported: outputs, Jacobian products and kernel.</summary>
public sealed class FixtureTests(ITestOutputHelper log)
{
    // The files hold constants in 32 bits; everything else is computed in 64.
    private const double OutputTolerance = 1e-5;
    private const double JacobianTolerance = 1e-4;

    public static TheoryData<string> Names => new(Fixture.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_Fixture_HasPyTorchsParameters(string name)
    {
        var fixture = new Fixture(name);
        NetworkSpec spec = OnnxImporter.Import(fixture.Bytes, $"{name}.onnx").Weights.Spec;

        Assert.Equal(fixture.Parameters.Keys.Order(StringComparer.Ordinal), spec.Blocks.Select(b => b.Name).Order(StringComparer.Ordinal));
        Assert.Equal(spec, NetworkSpecFile.Parse(NetworkSpecFile.ToJson(spec)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_Fixture_GivesPyTorchsOutputs(string name)
    {
        var fixture = new Fixture(name);
        NetworkWeights weights = OnnxImporter.Import(fixture.Bytes, $"{name}.onnx").Weights;

        double error = Networks.Error(fixture.Doubles("outputs"), Networks.Evaluate(weights, fixture.Matrix("inputs")));

        log.WriteLine($"{name}: outputs {error:E1}; {string.Join(", ", weights.Spec.Nodes.GroupBy(n => n.GetType().Name).Select(g => $"{g.Count()} {g.Key}"))}");
        Assert.InRange(error, 0, OutputTolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Import_Fixture_GivesPyTorchsJacobian(string name)
    {
        var fixture = new Fixture(name);
        NetworkWeights weights = OnnxImporter.Import(fixture.Bytes, $"{name}.onnx").Weights;
        using var network = new SourceNetwork(Networks.Model(weights), torch.CPU);
        using JacobianFactors factors = network.Linearise(fixture.Matrix("inputs"));
        using DisposeScope scope = torch.NewDisposeScope();

        torch.Tensor ju = factors.Apply(Column(Flat(weights.Spec, fixture, "u.")));
        torch.Tensor jtv = factors.ApplyTranspose(Column(fixture.Doubles("v")));
        torch.Tensor dense = factors.ToDense();
        torch.Tensor gram = factors.Gram([.. weights.Spec.Blocks.Select(_ => 1.0)]);
        double[] errors =
        [
            Networks.Error(fixture.Doubles("ju"), Values(ju)),
            Networks.Error(Flat(weights.Spec, fixture, "jtv."), Values(jtv)),
            Networks.Error(fixture.Doubles("kernel"), Values(gram)),
            Networks.Error(fixture.Doubles("kernel"), Values(torch.mm(dense, dense.t()))),
        ];

        log.WriteLine($"{name}: J u {errors[0]:E1}, J^T v {errors[1]:E1}, kernel {errors[2]:E1} and {errors[3]:E1}");
        Assert.All(errors, error => Assert.InRange(error, 0, JacobianTolerance));
    }

    // PyTorch's parameters in the order of ours: what the file has transposed is stored as PyTorch has it.
    private static double[] Flat(NetworkSpec spec, Fixture fixture, string prefix) =>
        [.. spec.Blocks.SelectMany(block => fixture.Doubles(prefix + fixture.Parameters[block.Name]))];

    private static torch.Tensor Column(double[] values) => torch.tensor(values, [values.Length, 1]);

    private static double[] Values(torch.Tensor tensor) => tensor.contiguous().data<double>().ToArray();
}
