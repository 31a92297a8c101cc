using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using AdaptCluster.Numerics.Tests.Support;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Solvers;

public sealed class PreconditionerTests
{
    public PreconditionerTests() => TorchRuntime.UseThreadsFor(flops: 0, most: 1);

    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(30, 5, 1e-3)]
    [InlineData(64, 64, 1e-2)]
    [InlineData(20, 0, 0.3)]
    public void LowRank_AnyFactorAndNoise_IsTheMatrix(int size, int rank, double noise)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor factor = Systems.Normals(size, rank, 1);
        torch.Tensor variances = noise * Systems.Normals(size, 1, 2).exp();
        using var preconditioner = new LowRankPreconditioner(factor, variances);
        Check(preconditioner, torch.mm(factor, factor.t()) + torch.diag(variances.view(-1)));
    }

    [Fact]
    public void LowRank_OneNoiseForAll_IsTheMatrix()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor factor = Systems.Normals(20, 3, 1);
        using var preconditioner = new LowRankPreconditioner(factor, torch.full([1, 1], 0.3, dtype: torch.ScalarType.Float64));
        Check(preconditioner, torch.mm(factor, factor.t()) + (0.3 * torch.eye(20, dtype: torch.ScalarType.Float64)));
    }

    [Fact]
    public void LowRank_OfTheZeroKernel_IsTheNoise()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor factor, _) = PivotedCholesky.Factorise(torch.zeros(7, dtype: torch.ScalarType.Float64), _ => torch.zeros(7, dtype: torch.ScalarType.Float64), 3, 0);
        torch.Tensor noise = Systems.Normals(7, 1, 2).exp();
        using var preconditioner = new LowRankPreconditioner(factor, noise);
        Check(preconditioner, torch.diag(noise.view(-1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(33)]
    public void Cholesky_OfAMatrix_IsTheMatrix(int size)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor matrix = Systems.WithSpectrum([.. Enumerable.Range(0, size).Select(i => 0.1 + i)], 3);
        using var preconditioner = new CholeskyPreconditioner(matrix.clone());
        Check(preconditioner, matrix);
    }

    [Fact]
    public void Cholesky_OfAnIndefiniteMatrix_IsRefused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Throws<NotPositiveDefiniteException>(() => new CholeskyPreconditioner(Systems.WithSpectrum([-1, 1, 2], 1)));
    }

    [Fact]
    public void Identity_Always_IsOne()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var preconditioner = new IdentityPreconditioner(9);
        Check(preconditioner, torch.eye(9, dtype: torch.ScalarType.Float64));
    }

    private static void Check(IPreconditioner preconditioner, torch.Tensor dense)
    {
        int n = (int)dense.shape[0];
        torch.Tensor residuals = Systems.Normals(n, 3, 8);
        torch.Tensor before = residuals.clone();
        torch.Tensor solved = preconditioner.Solve(residuals, [0, 1, 2]);

        // Condition numbers of up to 1e6 times 1e-16, with four orders to spare.
        Assert.InRange(Oracle.StrictError(torch.linalg.solve(dense, residuals), solved), 0, 1e-6);
        Assert.InRange(Oracle.StrictError(residuals, torch.mm(dense, solved)), 0, 1e-9);
        solved.zero_();
        Assert.Equal(TensorInterop.ToDoubles(before), TensorInterop.ToDoubles(residuals));
        Assert.Equal(Systems.LogDeterminant(dense), preconditioner.LogDeterminant, 1e-8 * n);

        // The mean of z_i z_j has the variance (P_ii P_jj + P_ij^2) / draws.
        const int Draws = 20_000;
        torch.Tensor samples = preconditioner.Sample(Systems.Normals(preconditioner.NormalsPerSample, Draws, 9));
        Assert.Equal(new long[] { n, Draws }, samples.shape);
        torch.Tensor covariance = torch.mm(samples, samples.t()) / Draws;
        torch.Tensor diagonal = dense.diagonal().view(-1, 1);
        torch.Tensor errors = ((torch.mm(diagonal, diagonal.t()) + dense.square()) / Draws).sqrt();
        Assert.InRange(((covariance - dense) / errors).abs().max().item<double>(), 0, 5);
        Assert.InRange((samples.mean([1L]).view(-1, 1) / (diagonal / Draws).sqrt()).abs().max().item<double>(), 0, 5);
    }
}
