using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solvers;

public sealed class PivotedCholeskyTests
{
    // Schur complements of matrices of size up to 70 with eigenvalues up to 1: as many roundings of 1e-16, with two orders to spare.
    private const double Tight = 1e-12;

    public PivotedCholeskyTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    [Fact]
    public void Factorise_GeneratedKernels_LeavesAPositiveSemiDefiniteRestOfTheTraceItSays() => Systems.ForAll(
        system =>
        {
            torch.Tensor kernel = Systems.Kernel(system);
            torch.Tensor before = kernel.clone();
            foreach (int most in new[] { 1, system.Size / 2, system.Size, 2 * system.Size })
            {
                (torch.Tensor factor, double mean) = Factorise(kernel, most, system.Noise / 10);
                torch.Tensor rest = kernel - torch.mm(factor, factor.t());
                Assert.InRange(torch.linalg.eigvalsh(rest).min().item<double>(), -Tight, double.MaxValue);
                Assert.InRange(factor.shape[1], 0, Math.Min(most, system.Size));
                Assert.InRange(Math.Abs(rest.trace().item<double>() / system.Size - mean), 0, Tight);

                // It ends for a reason: the rest is small, or the columns are used up.
                Assert.True(mean <= system.Noise / 10 || factor.shape[1] == Math.Min(most, system.Size));
                if (factor.shape[1] > 1)
                {
                    (_, double earlier) = Factorise(kernel, (int)factor.shape[1] - 1, 0);
                    Assert.True(earlier > system.Noise / 10, "a smaller rank would have been enough");
                }
            }

            Assert.Equal(TensorInterop.ToDoubles(before), TensorInterop.ToDoubles(kernel));
        },
        samples: 40);

    [Fact]
    public void Factorise_ToTheEnd_IsTheMatrix()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor kernel = Systems.WithSpectrum([.. Enumerable.Range(0, 30).Select(i => 1.0 + i)], 3);
        (torch.Tensor factor, double mean) = Factorise(kernel, 30, 0);
        Assert.Equal(30, factor.shape[1]);
        Assert.InRange(Oracle.RelativeError(kernel, torch.mm(factor, factor.t())), 0, Tight);
        Assert.InRange(mean, 0, Tight);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(11)]
    public void Factorise_ExactlyLowRank_StopsAtTheRank(int rank)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor root = Systems.Normals(25, rank, 5);
        torch.Tensor kernel = torch.mm(root, root.t());
        (torch.Tensor factor, double mean) = Factorise(kernel, 25, 0);
        Assert.Equal(rank, factor.shape[1]);
        Assert.InRange(Oracle.RelativeError(kernel, torch.mm(factor, factor.t())), 0, Tight);
        Assert.InRange(mean, 0, Tight);
    }

    [Fact]
    public void Factorise_RepeatedRows_TakesEachOnce()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor distinct = Systems.WithSpectrum([1, 2, 3, 4, 5, 6], 4);
        torch.Tensor index = torch.tensor(Enumerable.Range(0, 24).Select(i => (long)(i % 6)).ToArray());
        torch.Tensor kernel = distinct.index_select(0, index).index_select(1, index);
        (torch.Tensor factor, double mean) = Factorise(kernel, 24, 0);
        Assert.Equal(6, factor.shape[1]);
        Assert.InRange(Oracle.RelativeError(kernel, torch.mm(factor, factor.t())), 0, Tight);
        Assert.InRange(mean, 0, Tight);
    }

    [Fact]
    public void Factorise_TheZeroMatrix_HasNoColumns()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor factor, double mean) = Factorise(torch.zeros(9, 9, dtype: torch.ScalarType.Float64), 5, 0);
        Assert.Equal([9, 0], factor.shape.Select(length => (int)length));
        Assert.Equal(0, mean);
    }

    [Fact]
    public void Factorise_SmallEnoughFromTheStart_ReadsNoRow()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor factor, double mean) = PivotedCholesky.Factorise(
            torch.ones(9, dtype: torch.ScalarType.Float64), _ => throw new InvalidOperationException("read"), 5, meanResidual: 1);
        Assert.Equal(0, factor.shape[1]);
        Assert.Equal(1, mean);
    }

    [Fact]
    public void Factorise_WithoutAScope_LeavesTheFactorAlone()
    {
        using torch.Tensor kernel = torch.eye(6, dtype: torch.ScalarType.Float64);
        using torch.Tensor diagonal = torch.ones(6, dtype: torch.ScalarType.Float64);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        (torch.Tensor factor, _) = PivotedCholesky.Factorise(diagonal, i => kernel[i], 4, 0);
        using (factor)
        {
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static (torch.Tensor Factor, double Mean) Factorise(torch.Tensor kernel, int maxRank, double meanResidual) =>
        PivotedCholesky.Factorise(kernel.diagonal(), i => kernel[i], maxRank, meanResidual);
}
