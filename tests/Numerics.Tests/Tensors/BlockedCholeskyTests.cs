using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tests.Tensors;

/// <summary>The blocked factorisation against the one of LAPACK in fp64.</summary>
public sealed class BlockedCholeskyTests
{
    [Theory]
    [InlineData(1, 5, 8)] // less than a block
    [InlineData(2, 24, 8)] // whole blocks
    [InlineData(3, 37, 8)] // the last one smaller
    [InlineData(4, 9, 1)] // nothing but diagonal
    public void Factorise_GeneratedMatrix_SolvesAsLapackDoes(int seed, int n, int block)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor exact = Generate(seed, n);
        torch.Tensor matrix = exact.to(torch.ScalarType.Float32);
        torch.Tensor above = matrix.triu(1).clone();
        using var cholesky = new BlockedCholesky(matrix, block);
        foreach (bool step in cholesky.Factorise())
        {
            Assert.True(step);
        }

        torch.Tensor factor = torch.linalg.cholesky(exact);
        torch.Tensor rows = torch.randn(3, n, dtype: torch.ScalarType.Float64);
        torch.Tensor whitened = rows.to(torch.ScalarType.Float32, copy: true);
        cholesky.Whiten(whitened);
        torch.Tensor transposed = rows.to(torch.ScalarType.Float32, copy: true);
        cholesky.WhitenTransposed(transposed);

        // Condition numbers below 100 in fp32: 1e-5 is a hundred roundings.
        Close(factor, matrix.tril());
        Close(torch.linalg.solve_triangular(factor, rows.t(), upper: false).t(), whitened);
        Close(torch.linalg.solve_triangular(factor.t(), rows.t(), upper: true).t(), transposed);
        int[] some = [.. Enumerable.Range(0, n).Where(i => i % 3 != 1)];
        double[] expected = torch.linalg.inv(exact).diagonal().data<double>().ToArray();
        Assert.All(some.Zip(cholesky.InverseDiagonal(some)), pair => Assert.Equal(expected[pair.First], pair.Second, 1e-5));
        for (int i = 0; i < n; i++)
        {
            for (int j = ((i / block) + 1) * block; j < n; j++)
            {
                // What lies above the diagonal blocks is the caller's.
                Assert.Equal(above[i, j].item<float>(), matrix[i, j].item<float>());
            }
        }
    }

    [Fact]
    public void Factorise_IndefiniteInALaterBlock_Throws()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor matrix = torch.eye(20, dtype: torch.ScalarType.Float32);
        matrix[17, 17] = -1;
        using var cholesky = new BlockedCholesky(matrix, 8);
        Assert.Throws<NotPositiveDefiniteException>(() => cholesky.Factorise().Count());
    }

    private static torch.Tensor Generate(int seed, int n)
    {
        torch.random.manual_seed(seed);
        torch.Tensor draw = torch.randn(n, n + 2, dtype: torch.ScalarType.Float64);
        return torch.mm(draw, draw.t()) / (double)n + torch.eye(n, dtype: torch.ScalarType.Float64);
    }

    private static void Close(torch.Tensor expected, torch.Tensor actual)
    {
        double difference = (expected - actual.to(torch.ScalarType.Float64)).abs().max().item<double>();
        Assert.True(difference <= 1e-5 * Math.Max(1, expected.abs().max().item<double>()), $"off by {difference}");
    }
}
