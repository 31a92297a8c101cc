using AdaptCluster.Numerics.Errors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>
/// The Cholesky factorisation of a large symmetric matrix in place, a block at a time, so that a device can do other things in between. Only what is on and
/// below the diagonal blocks is read or written; n^3/3 flops, nearly all of them in matrix products.
/// </summary>
/// <remarks>Golub and Van Loan, <em>Matrix Computations</em>, 4th edition, section 4.2.9, right-looking.</remarks>
internal static class BlockedCholesky
{
    /// <summary>Rows of a block: products of this inner size run at nearly full rate.</summary>
    internal const int BlockRows = 1_024;

    /// <summary>Factorises: each step is some ten milliseconds to a second of work.</summary>
    /// <param name="matrix">[n, n], contiguous; becomes L on and below the diagonal. Upper parts of diagonal blocks are zeroed, blocks above them stay.</param>
    /// <exception cref="NotPositiveDefiniteException">To its precision it is not positive definite; what is in it then is of no use.</exception>
    internal static IEnumerable<bool> Factorise(torch.Tensor matrix)
    {
        long n = matrix.shape[0];
        for (long j = 0; j < n; j += BlockRows)
        {
            long width = Math.Min(BlockRows, n - j);
            FactoriseDiagonal(matrix, j, width);
            yield return true;
            for (long i = j + width; i < n; i += BlockRows)
            {
                SolvePanel(matrix, i, Math.Min(BlockRows, n - i), j, width);
            }

            yield return true;
            for (long i = j + width; i < n; i += BlockRows)
            {
                Update(matrix, i, Math.Min(BlockRows, n - i), j, width);
                yield return true;
            }
        }
    }

    private static void FactoriseDiagonal(torch.Tensor matrix, long j, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor block = matrix.narrow(0, j, width).narrow(1, j, width);
        (torch.Tensor factor, torch.Tensor info) = torch.linalg.cholesky_ex(block);
        if (info.item<int>() != 0)
        {
            throw new NotPositiveDefiniteException("covariance of the observations", matrix.shape[0], 0);
        }

        block.copy_(factor);
    }

    // A_ij becomes A_ij L_jj^-T.
    private static void SolvePanel(torch.Tensor matrix, long i, long rows, long j, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor factor = matrix.narrow(0, j, width).narrow(1, j, width);
        torch.Tensor block = matrix.narrow(0, i, rows).narrow(1, j, width);
        block.copy_(torch.linalg.solve_triangular(factor, block.t(), upper: false).t());
    }

    // Row block i, from the column after j to its own diagonal block.
    private static void Update(torch.Tensor matrix, long i, long rows, long j, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        long first = j + width;
        torch.Tensor left = matrix.narrow(0, i, rows).narrow(1, j, width);
        torch.Tensor right = matrix.narrow(0, first, i + rows - first).narrow(1, j, width);
        matrix.narrow(0, i, rows).narrow(1, first, i + rows - first).addmm_(left, right.t(), 1, -1);
    }
}
