using System.Collections.Concurrent;
using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Jacobians;

/// <summary>
/// What factors of any network must do, against a Jacobian that <see cref="GraphOracle"/> and one backward pass per row and output make.
/// A kind of network supplies problems.
/// </summary>
public abstract class JacobianSuite
{
    // fp64: roundings of 1e-16 along a few dozen operations; the largest element sets the scale.
    private const double Tight = 1e-9;

    // fp32 rounds at 6e-8.
    private const double Single = 1e-3;

    private static readonly ConcurrentDictionary<string, (double[] Output, double[] Jacobian)> Known = new();

    /// <summary>On one native thread, as the device lane computes what is small: on busy cores threads wait for each other's time slices.</summary>
    protected JacobianSuite() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    private protected delegate void Check(Case c, SourceNetwork network, JacobianFactors factors, torch.Tensor jacobian);

    /// <summary>Whether disposing a network leaves nothing to the garbage collector.</summary>
    private protected virtual bool NetworkOwnsItsTensors => true;

    /// <summary>The outputs [n, c] and the Jacobian [n c, p] by a second way.</summary>
    private protected virtual (torch.Tensor Output, torch.Tensor Jacobian) Reference(Case c, RowMatrix x) => Oracle.Linearise(c.Model, x);

    private protected abstract void ForAllCases(Action<Case> check);

    [Fact]
    public void Linearise_InFloat64_MatchesAutogradPerRow() => ForAll((c, _, factors, jacobian) =>
    {
        AssertClose(Expected(c, c.X).Output, factors.Output);
        AssertClose(jacobian, factors.ToDense());
    });

    [Fact]
    public void Evaluate_AnyRows_IsTheOutputOfLinearise() => ForAllCases(c =>
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        torch.Tensor evaluated = torch.tensor(c.Model.OutputStandardisation.Apply(network.Evaluate(c.X)).Values, [c.X.Rows, c.Spec.Outputs], dtype: torch.ScalarType.Float64);
        AssertClose(Expected(c, c.X).Output, evaluated);
    });

    [Fact]
    public void Linearise_InFloat32_MatchesToSinglePrecision() => ForAllCases(c =>
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c, torch.ScalarType.Float32);
        using JacobianFactors factors = network.Linearise(c.X);
        torch.Tensor jacobian = Expected(c, c.X).Jacobian;
        double[] scales = Scales(c, 0);
        AssertClose(jacobian, factors.ToDense(), Single);
        AssertClose(Oracle.Kernel(jacobian, jacobian, Oracle.ParameterVariances(c.Spec, scales)), factors.Gram(scales), Single);
        AssertClose(torch.mm(jacobian, Normals(c.Spec.ParameterCount, 1)), factors.Apply(Normals(c.Spec.ParameterCount, 1).to(torch.ScalarType.Float32)), Single);
        AssertClose(torch.mm(jacobian.t(), Normals(factors.Count, 1)), factors.ApplyTranspose(Normals(factors.Count, 1).to(torch.ScalarType.Float32)), Single);
    });

    [Fact]
    public void Apply_OneAndSeveralColumns_IsTheProduct() => ForAll((c, _, factors, jacobian) => CheckApply(c.Spec, factors, jacobian));

    [Fact]
    public void ApplyTranspose_OneAndSeveralColumns_IsTheProduct() => ForAll((_, _, factors, jacobian) => CheckApplyTranspose(factors, jacobian));

    [Fact]
    public void Gram_ScalesWithZeros_IsTheKernel() => ForAll((c, _, factors, jacobian) =>
    {
        for (int every = 0; every <= 3; every++)
        {
            double[] scales = Scales(c, every);
            AssertClose(Oracle.Kernel(jacobian, jacobian, Oracle.ParameterVariances(c.Spec, scales)), factors.Gram(scales));
        }
    });

    [Fact]
    public void Gram_AnyScales_IsSymmetric() => ForAll((c, _, factors, _) =>
    {
        torch.Tensor kernel = factors.Gram(Scales(c, 0));
        AssertClose(kernel, kernel.t(), 1e-14);
    });

    [Fact]
    public void CrossGram_OtherNumbersOfRows_IsTheKernel() => ForAll((c, network, factors, jacobian) =>
    {
        using JacobianFactors others = network.Linearise(c.Other);
        using JacobianFactors one = others.Slice(0, 1);
        torch.Tensor other = Expected(c, c.Other).Jacobian;
        for (int every = 0; every <= 2; every++)
        {
            double[] scales = Scales(c, every);
            torch.Tensor expected = Oracle.Kernel(jacobian, other, Oracle.ParameterVariances(c.Spec, scales));
            AssertClose(expected, factors.CrossGram(others, scales));
            AssertClose(expected.t(), others.CrossGram(factors, scales));
            AssertClose(expected.narrow(1, 0, c.Spec.Outputs), factors.CrossGram(one, scales));
            AssertClose(expected.narrow(1, 0, c.Spec.Outputs).t(), one.CrossGram(factors, scales));
        }
    });

    [Fact]
    public void CrossApplyTranspose_InBlocksOfRows_IsTheProduct() => ForAll((c, network, factors, jacobian) =>
    {
        using JacobianFactors others = network.Linearise(c.Other);
        double[] scales = Scales(c, 0);
        torch.Tensor v = Normals(factors.Count, 2);
        torch.Tensor expected = torch.mm(Oracle.Kernel(Expected(c, c.Other).Jacobian, jacobian, Oracle.ParameterVariances(c.Spec, scales)), v);
        AssertClose(expected, factors.CrossApplyTranspose(others, scales, v));
        AssertClose(expected, factors.CrossApplyTranspose(others, scales, OtherLayout(v)));
        AssertClose(expected, factors.CrossApplyTranspose(others, scales, v, kernelNumbers: 2 * factors.Count * factors.Outputs));
    });

    [Fact]
    public void Diagonal_ScalesWithZeros_IsTheKernels() => ForAll((c, _, factors, jacobian) =>
    {
        for (int every = 0; every <= 2; every++)
        {
            double[] scales = Scales(c, every);
            AssertClose(Oracle.Kernel(jacobian, jacobian, Oracle.ParameterVariances(c.Spec, scales)).diagonal(), factors.Diagonal(scales));
        }
    });

    [Fact]
    public void BlockGram_EveryBlock_IsItsKernelAndAddsToTheWhole() => ForAll((c, _, factors, jacobian) =>
    {
        torch.Tensor sum = torch.zeros(factors.Count, factors.Count, dtype: torch.ScalarType.Float64);
        for (int b = 0; b < c.Spec.Blocks.Length; b++)
        {
            torch.Tensor part = jacobian.narrow(1, c.Spec.Blocks[b].Offset, c.Spec.Blocks[b].Count);
            torch.Tensor kernel = factors.BlockGram(b);
            AssertClose(torch.mm(part, part.t()), kernel);
            sum.add_(kernel);
        }

        AssertClose(sum, factors.Gram([.. c.Spec.Blocks.Select(_ => 1.0)]));
    });

    [Fact]
    public void ContractBlocks_SymmetricWeights_IsTheSumOfProductsPerBlock() => ForAll((c, _, factors, jacobian) =>
    {
        torch.Tensor half = Normals(factors.Count, factors.Count);
        torch.Tensor weights = half + half.t();
        torch.Tensor before = weights.clone();
        torch.Tensor expected = torch.stack([.. Parts(c.Spec, jacobian).Select(part => (torch.mm(part, part.t()) * weights).sum([0L, 1L]))], dim: 0);
        AssertClose(expected, factors.ContractBlocks(weights));
        AssertClose(expected, factors.ContractBlocks(OtherLayout(weights)));
        Assert.Equal(0, (before - weights).abs().max().item<double>());
    });

    [Fact]
    public void BlockTraces_EveryBlock_IsItsKernels() => ForAll((c, _, factors, jacobian) =>
        AssertClose(torch.stack([.. Parts(c.Spec, jacobian).Select(part => part.square().sum([0L, 1L]))], dim: 0), factors.BlockTraces()));

    [Fact]
    public void Slice_OfRows_IsTheFactorsOfThoseRows() => ForAll((c, _, factors, jacobian) =>
    {
        int start = Math.Min(1, factors.Rows - 1);
        int count = Math.Max(1, factors.Rows - 2);
        using JacobianFactors slice = factors.Slice(start, Math.Min(count, factors.Rows - start));
        CheckAll(c, slice, jacobian.narrow(0, start * factors.Outputs, slice.Count));
        AssertClose(Expected(c, c.X).Output.narrow(0, start, slice.Rows), slice.Output);
    });

    [Fact]
    public void OfOutput_EveryOutput_IsTheFactorsOfItsRows() => ForAll((c, _, factors, jacobian) =>
    {
        for (int o = 0; o < factors.Outputs; o++)
        {
            using JacobianFactors one = factors.OfOutput(o);
            torch.Tensor expected = jacobian.view(factors.Rows, factors.Outputs, -1).select(1, o);
            CheckAll(c, one, expected);
            AssertClose(Expected(c, c.X).Output.narrow(1, o, 1), one.Output);
            using JacobianFactors slice = one.Slice(factors.Rows - 1, 1);
            CheckAll(c, slice, expected.narrow(0, factors.Rows - 1, 1));
        }
    });

    [Fact]
    public void Linearise_OneRowAlone_IsItsRowsOfTheWhole() => ForAll((c, network, factors, jacobian) =>
    {
        int last = factors.Rows - 1;
        using JacobianFactors alone = network.Linearise(c.X.Slice(last, 1));
        AssertClose(jacobian.narrow(0, last * factors.Outputs, factors.Outputs), alone.ToDense());
    });

    [Fact]
    public void Everything_Again_HasTheSameBits() => ForAll((c, network, factors, _) =>
    {
        // New arrays lie elsewhere in memory: alignment must not show in the last bits.
        using JacobianFactors again = network.Linearise(c.X.SelectRows([.. Enumerable.Range(0, c.X.Rows)]));
        double[] scales = Scales(c, 0);
        torch.Tensor u = Normals(c.Spec.ParameterCount, 2);
        torch.Tensor v = Normals(factors.Count, 2);
        AssertSame(factors.ToDense(), again.ToDense());
        AssertSame(factors.Gram(scales), again.Gram(scales));
        AssertSame(factors.Gram(scales), factors.Gram(scales));
        AssertSame(factors.Apply(u), again.Apply(u.clone()));
        AssertSame(factors.ApplyTranspose(v), again.ApplyTranspose(v.clone()));
        AssertSame(factors.Diagonal(scales), again.Diagonal(scales));
    });

    [Fact]
    public void Everything_WhenDisposed_LeavesNoTensorBehind() => ForAllCases(c =>
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        double[] scales = Scales(c, 0);
        using (SourceNetwork network = Cases.Network(c))
        {
            long loaded = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            using (JacobianFactors factors = network.Linearise(c.X))
            using (JacobianFactors others = network.Linearise(c.Other))
            using (JacobianFactors slice = factors.Slice(0, 1))
            using (JacobianFactors one = factors.OfOutput(0))
            {
                long held = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
                using torch.Tensor u = torch.ones(c.Spec.ParameterCount, 1, dtype: torch.ScalarType.Float64);
                using torch.Tensor v = torch.ones(factors.Count, 1, dtype: torch.ScalarType.Float64);
                using torch.Tensor w = torch.ones(factors.Count, factors.Count, dtype: torch.ScalarType.Float64);
                foreach (Func<torch.Tensor> product in new Func<torch.Tensor>[]
                {
                    () => factors.ToDense(), () => factors.Apply(u), () => factors.ApplyTranspose(v), () => factors.Gram(scales), () => factors.CrossGram(others, scales),
                    () => factors.Diagonal(scales), () => factors.ContractBlocks(w), () => factors.BlockTraces(), () => factors.CrossApplyTranspose(others, scales, v),
                    () => slice.Gram(scales), () => one.Gram(scales), () => factors.BlockGram(0),
                })
                {
                    using torch.Tensor result = product();
                    Assert.Equal(held + 4, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
                }
            }

            Assert.Equal(loaded, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            network.Evaluate(c.X);
            Assert.Equal(loaded, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        if (NetworkOwnsItsTensors)
        {
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    });

    /// <summary>The outputs and the Jacobian at rows of a case's network, computed once.</summary>
    private protected (torch.Tensor Output, torch.Tensor Jacobian) Expected(Case c, RowMatrix x)
    {
        string key = $"{GetType().Name} {NetworkSpecFile.ToJson(c.Spec)} {c.Model.Weights.Values[0]:R} {x.Rows} {x.Values[0]:R} {x.Values[^1]:R}";
        (double[] output, double[] jacobian) = Known.GetOrAdd(key, _ =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            (torch.Tensor o, torch.Tensor j) = Reference(c, x);
            return (o.data<double>().ToArray(), j.contiguous().data<double>().ToArray());
        });
        return (torch.tensor(output, [x.Rows, c.Spec.Outputs]), torch.tensor(jacobian, [x.Rows * c.Spec.Outputs, c.Spec.ParameterCount]));
    }

    private protected static void AssertClose(torch.Tensor expected, torch.Tensor actual, double tolerance = Tight) =>
        Assert.InRange(Oracle.StrictError(expected, actual), 0, tolerance);

    private protected static torch.Tensor Normals(int rows, int columns) =>
        torch.tensor(new SeededRandom(rows + columns).Normals(rows * columns), [rows, columns], dtype: torch.ScalarType.Float64);

    /// <summary>The prior's scales; of every so many blocks (0: none) one is 0, and 1 makes all of them 0.</summary>
    private protected static double[] Scales(Case c, int zeroEvery) =>
        [.. c.Prior.BlockScales.Select((scale, b) => zeroEvery > 0 && b % zeroEvery == zeroEvery - 1 ? 0 : scale)];

    private static IEnumerable<torch.Tensor> Parts(NetworkSpec spec, torch.Tensor jacobian) => spec.Blocks.Select(b => jacobian.narrow(1, b.Offset, b.Count));

    private static void AssertSame(torch.Tensor expected, torch.Tensor actual) => Assert.Equal(expected.data<double>().ToArray(), actual.data<double>().ToArray());

    // The same numbers, column after column, as a part of more.
    private static torch.Tensor OtherLayout(torch.Tensor matrix) => torch.cat([matrix, matrix], dim: 0).t().contiguous().t().narrow(0, matrix.shape[0], matrix.shape[0]);

    private static void CheckApply(NetworkSpec spec, JacobianFactors factors, torch.Tensor jacobian)
    {
        foreach (int columns in new[] { 1, 4 })
        {
            torch.Tensor u = Normals(spec.ParameterCount, columns);
            AssertClose(torch.mm(jacobian, u), factors.Apply(u));
            AssertClose(torch.mm(jacobian, u), factors.Apply(OtherLayout(u)));
        }
    }

    private static void CheckApplyTranspose(JacobianFactors factors, torch.Tensor jacobian)
    {
        foreach (int columns in new[] { 1, 3 })
        {
            torch.Tensor v = Normals(factors.Count, columns);
            AssertClose(torch.mm(jacobian.t(), v), factors.ApplyTranspose(v));
            AssertClose(torch.mm(jacobian.t(), v), factors.ApplyTranspose(OtherLayout(v)));
        }
    }

    private static void CheckAll(Case c, JacobianFactors factors, torch.Tensor jacobian)
    {
        double[] scales = Scales(c, 0);
        torch.Tensor kernel = Oracle.Kernel(jacobian, jacobian, Oracle.ParameterVariances(c.Spec, scales));
        AssertClose(jacobian, factors.ToDense());
        AssertClose(kernel, factors.Gram(scales));
        AssertClose(kernel.diagonal(), factors.Diagonal(scales));
        AssertClose(torch.stack([.. Parts(c.Spec, jacobian).Select(part => torch.mm(part, part.t()).sum([0L, 1L]))], dim: 0), factors.ContractBlocks(torch.ones_like(kernel)));
        AssertClose(torch.stack([.. Parts(c.Spec, jacobian).Select(part => part.square().sum([0L, 1L]))], dim: 0), factors.BlockTraces());
        CheckApply(c.Spec, factors, jacobian);
        CheckApplyTranspose(factors, jacobian);
    }

    private void ForAll(Check check) => ForAllCases(c =>
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SourceNetwork network = Cases.Network(c);
        using JacobianFactors factors = network.Linearise(c.X);
        check(c, network, factors, Expected(c, c.X).Jacobian);
    });
}
