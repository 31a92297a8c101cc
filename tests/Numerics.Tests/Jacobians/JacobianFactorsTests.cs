using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tests.Support;
using CsCheck;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Jacobians;

public sealed class JacobianFactorsTests
{
    // fp64: a few hundred roundings of 1e-16 along three layers, relative to the largest element.
    private const double Tight = 1e-10;
    private const int Samples = 60;

    [Fact]
    public void Linearise_RandomNetworks_MatchesAutogradPerRow() => ForAll((c, factors) =>
    {
        (torch.Tensor output, torch.Tensor jacobian) = Oracle.Linearise(c.Model, c.X);
        Assert.InRange(Oracle.RelativeError(output, factors.Output), 0, Tight);
        Assert.InRange(Oracle.RelativeError(jacobian, factors.ToDense()), 0, Tight);
    });

    [Theory]
    [InlineData(Activation.Tanh, 1)]
    [InlineData(Activation.ReLU, 2)]
    [InlineData(Activation.GELU, 3)]
    [InlineData(Activation.SiLU, 1)]
    [InlineData(Activation.Sigmoid, 2)]
    [InlineData(Activation.LeakyReLU, 3)]
    public void Linearise_InFloat32_MatchesAutogradToSinglePrecision(Activation activation, int outputs)
    {
        Case c = Cases.Build(NetworkSpec.Mlp(5, [16, 12], outputs, activation), seed: 11, rows: 20, others: 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c, torch.ScalarType.Float32);
        using JacobianFactors factors = network.Linearise(c.X);
        (torch.Tensor _, torch.Tensor jacobian) = Oracle.Linearise(c.Model, c.X);

        // fp32 rounds at 6e-8; three layers of sixteen terms. Fixed draws: none comes within 1e-6 of a kink, where the two could differ.
        Assert.InRange(Oracle.RelativeError(jacobian, factors.ToDense()), 0, 1e-4);
    }

    [Fact]
    public void Apply_FiniteStepInParameters_IsTheDirectionalDerivative()
    {
        NetworkSpec spec = NetworkSpec.Mlp(3, [7, 5], 2, Activation.Tanh);
        Case c = Cases.Build(spec, seed: 5, rows: 9, others: 1);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        torch.Tensor w = torch.tensor(c.Model.Weights.Values, dtype: torch.ScalarType.Float64);
        torch.Tensor u = torch.tensor(new SeededRandom(1).Normals(spec.ParameterCount), dtype: torch.ScalarType.Float64);
        torch.Tensor x = torch.tensor(c.Model.InputStandardisation.Apply(c.X).Values, [9, 3], dtype: torch.ScalarType.Float64);
        const double Step = 1e-5;
        torch.Tensor difference = (Oracle.Forward(spec, w + (u * Step), x) - Oracle.Forward(spec, w - (u * Step), x)) / (2 * Step);

        // Central differences: error step^2 f''' / 6 and rounding 1e-16 / step, both about 1e-10 with |u|^3 about 1e3.
        Assert.InRange(Oracle.RelativeError(difference.view(-1, 1), factors.Apply(u.view(-1, 1))), 0, 1e-6);
    }

    [Fact]
    public void Products_RandomNetworks_MatchTheDenseJacobian() => ForAll((c, factors) =>
    {
        torch.Tensor j = factors.ToDense();
        torch.Tensor u = torch.tensor(new SeededRandom(3).Normals(c.Spec.ParameterCount * 3), [c.Spec.ParameterCount, 3], dtype: torch.ScalarType.Float64);
        torch.Tensor v = torch.tensor(new SeededRandom(4).Normals(factors.Count * 2), [factors.Count, 2], dtype: torch.ScalarType.Float64);
        Assert.InRange(Oracle.RelativeError(torch.mm(j, u), factors.Apply(u)), 0, Tight);
        Assert.InRange(Oracle.RelativeError(torch.mm(j.t(), v), factors.ApplyTranspose(v)), 0, Tight);
    });

    [Fact]
    public void Kernels_RandomNetworks_MatchTheDenseJacobian() => ForAll((c, factors) =>
    {
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors other = network.Linearise(c.Other);
        ReadOnlySpan<double> scales = c.Prior.BlockScales.AsSpan();
        torch.Tensor d = Oracle.ParameterVariances(c.Spec, c.Prior.BlockScales);
        torch.Tensor j = factors.ToDense();
        torch.Tensor k = Oracle.Kernel(j, j, d);
        Assert.InRange(Oracle.RelativeError(k, factors.Gram(scales)), 0, Tight);
        Assert.InRange(Oracle.RelativeError(k.diagonal(), factors.Diagonal(scales)), 0, Tight);
        Assert.InRange(Oracle.RelativeError(Oracle.Kernel(j, other.ToDense(), d), factors.CrossGram(other, scales)), 0, Tight);
    });

    [Fact]
    public void BlockGram_SummedOverBlocks_IsTheGramWithUnitScales() => ForAll((c, factors) =>
    {
        double[] ones = [.. c.Spec.Blocks.Select(_ => 1.0)];
        torch.Tensor sum = torch.zeros(factors.Count, factors.Count, dtype: torch.ScalarType.Float64);
        for (int b = 0; b < ones.Length; b++)
        {
            sum.add_(factors.BlockGram(b));
        }

        Assert.InRange(Oracle.RelativeError(sum, factors.Gram(ones)), 0, Tight);
    });

    [Fact]
    public void ContractBlocks_SymmetricWeights_IsTheSumOfProductsPerBlock() => ForAll((c, factors) =>
    {
        torch.Tensor half = torch.tensor(new SeededRandom(6).Normals(factors.Count * factors.Count), [factors.Count, factors.Count], dtype: torch.ScalarType.Float64);
        torch.Tensor w = half + half.t();
        torch.Tensor expected = torch.stack([.. Enumerable.Range(0, c.Spec.Blocks.Length).Select(b => (factors.BlockGram(b) * w).sum([0L, 1L]))], dim: 0);
        Assert.InRange(Oracle.RelativeError(expected, factors.ContractBlocks(w)), 0, Tight);
    });

    [Fact]
    public void Gram_AnyScales_IsSymmetricAndPositiveSemidefinite() => ForAll((c, factors) =>
    {
        torch.Tensor k = factors.Gram(c.Prior.BlockScales.AsSpan());
        Assert.InRange(Oracle.RelativeError(k, k.t()), 0, 1e-14);
        double smallest = torch.linalg.eigvalsh(k).min().item<double>();

        // Eigenvalues of an N x N matrix are off by N roundings of its largest one.
        Assert.InRange(smallest, -1e-13 * Math.Max(1, k.abs().max().item<double>()) * factors.Count, double.MaxValue);
    });

    [Theory]
    [InlineData(1, 900)]
    [InlineData(2, 450)]
    [InlineData(3, 301)]
    public void Kernels_MoreRowsThanATile_MatchTheDenseJacobian(int outputs, int rows)
    {
        NetworkSpec spec = NetworkSpec.Mlp(4, [6, 5], outputs, Activation.SiLU);
        Case c = Cases.Build(spec, seed: 8, rows: rows, others: 410);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        using JacobianFactors other = network.Linearise(c.Other);
        ReadOnlySpan<double> scales = c.Prior.BlockScales.AsSpan();
        torch.Tensor d = Oracle.ParameterVariances(spec, c.Prior.BlockScales);
        torch.Tensor j = factors.ToDense();
        torch.Tensor k = Oracle.Kernel(j, j, d);
        Assert.InRange(Oracle.RelativeError(k, factors.Gram(scales)), 0, Tight);
        Assert.InRange(Oracle.RelativeError(Oracle.Kernel(j, other.ToDense(), d), factors.CrossGram(other, scales)), 0, Tight);
        torch.Tensor expected = torch.stack([.. Enumerable.Range(0, spec.Blocks.Length).Select(b => (factors.BlockGram(b) * k).sum([0L, 1L]))], dim: 0);
        Assert.InRange(Oracle.RelativeError(expected, factors.ContractBlocks(k)), 0, Tight);
    }

    [Fact]
    public void Slice_OfRows_HasTheRowsOfTheWhole() => ForAll((c, factors) =>
    {
        int start = factors.Rows / 2;
        using JacobianFactors slice = factors.Slice(start, factors.Rows - start);
        torch.Tensor expected = factors.ToDense().narrow(0, start * factors.Outputs, slice.Count);
        Assert.Equal(0, Oracle.RelativeError(expected, slice.ToDense()));
    });

    [Fact]
    public void Operands_OfTheWrongShapeOrType_AreRefusedInManagedCode()
    {
        Case c = Cases.Build(NetworkSpec.Mlp(2, [3], 1, Activation.ReLU), 1, 4, 4);
        Case wider = Cases.Build(NetworkSpec.Mlp(2, [4], 1, Activation.ReLU), 1, 4, 4);
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        using SourceNetwork otherNetwork = Cases.Network(wider);
        using JacobianFactors other = otherNetwork.Linearise(c.X);
        int p = c.Spec.ParameterCount;
        Assert.Throws<ArgumentException>(() => factors.Apply(torch.zeros(p + 1, 1, dtype: torch.ScalarType.Float64)));
        Assert.Throws<ArgumentException>(() => factors.Apply(torch.zeros(p, dtype: torch.ScalarType.Float64)));
        Assert.Throws<ArgumentException>(() => factors.Apply(torch.zeros(p, 1, dtype: torch.ScalarType.Float32)));
        Assert.Throws<ArgumentException>(() => factors.ApplyTranspose(torch.zeros(3, 1, dtype: torch.ScalarType.Float64)));
        Assert.Throws<ArgumentException>(() => factors.ContractBlocks(torch.zeros(4, 3, dtype: torch.ScalarType.Float64)));
        Assert.Throws<ArgumentException>(() => factors.Gram([1, 1, 1]));
        Assert.Throws<ArgumentException>(() => factors.Gram([1, 1, 1, -1]));
        Assert.Throws<ArgumentException>(() => factors.Gram([1, 1, 1, double.NaN]));
        Assert.Throws<ArgumentException>(() => factors.CrossGram(other, [1, 1, 1, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => factors.Slice(2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => factors.BlockGram(4));
    }

    private static void ForAll(Action<Case, JacobianFactors> check) => Cases.All.Sample(
        c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using SourceNetwork network = Cases.Network(c);
            using JacobianFactors factors = network.Linearise(c.X);
            check(c, factors);
        },
        iter: Samples,
        threads: 1);
}
