using AdaptCluster.Numerics.Errors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>
/// The Cholesky factorisation of a large symmetric matrix in its own memory, a block at a time, so that a device can do other things in between. Only what is on
/// and below the diagonal blocks is read or written; n^3/3 flops, nearly all of them in matrix products. Borrows the matrix, owns the inverses of the factor's
/// diagonal blocks: with them, solving is products too.
/// </summary>
/// <remarks>
/// Golub and Van Loan, <em>Matrix Computations</em>, 4th edition, section 4.2.9, left-looking: inner sizes grow, and a block is written once. Deviation: diagonal
/// blocks are factorised and inverted in fp64, then rounded; a block below them is multiplied by the inverse, which is as accurate as solving with the rounded
/// factor (Higham, <em>Accuracy and Stability of Numerical Algorithms</em>, 2nd edition, section 14.2) and runs at the rate of a product.
/// </remarks>
internal sealed class BlockedCholesky : IDisposable
{
    /// <summary>
    /// Rows of a block: products as wide as this run at nearly full rate, and n^2 times this, twice what solving below the diagonal blocks would take, is small
    /// beside n^3/3. For n = 8,000 the latter and the diagonal blocks take 0.15 of the rest with 256, 0.3 with 512.
    /// </summary>
    internal const int BlockRows = 256;

    private const int UpdateRows = 2_048;

    private readonly torch.Tensor _matrix;
    private readonly long _block;
    private readonly List<torch.Tensor> _inverses = []; // L_jj^-1

    /// <summary>Prepares; nothing is computed yet.</summary>
    /// <param name="matrix">[n, n], contiguous; becomes L on and below the diagonal. Upper parts of diagonal blocks are zeroed, blocks above them stay.</param>
    /// <param name="blockRows">The rows of a block.</param>
    internal BlockedCholesky(torch.Tensor matrix, long blockRows = BlockRows)
    {
        _matrix = matrix;
        _block = blockRows;
    }

    internal long Bytes => _inverses.Sum(inverse => inverse.numel() * inverse.ElementSize);

    private long Size => _matrix.shape[0];

    /// <summary>Factorises: each step is some milliseconds to a tenth of a second of work.</summary>
    /// <exception cref="NotPositiveDefiniteException">To its precision it is not positive definite; what is in it then is of no use.</exception>
    internal IEnumerable<bool> Factorise()
    {
        for (long j = 0; j < Size; j += _block)
        {
            long width = Math.Min(_block, Size - j);
            for (long i = j; j > 0 && i < Size; i += UpdateRows)
            {
                Update(i, Math.Min(UpdateRows, Size - i), j, width);
                yield return true;
            }

            FactoriseDiagonal(j, width);
            yield return true;
            if (j + width < Size)
            {
                SolveBelow(j, width);
                yield return true;
            }
        }
    }

    /// <summary>Every row b^T becomes (L^-1 b)^T, in place: n^2 flops a row.</summary>
    /// <param name="rows">[k, n], the matrix's dtype.</param>
    internal void Whiten(torch.Tensor rows) => Whiten(rows, []);

    /// <summary>Some numbers on the diagonal of the matrix's inverse, |L^-1 e_i|^2: n^2/3 flops each, on average.</summary>
    /// <param name="indices">Which, ascending.</param>
    internal double[] InverseDiagonal(ReadOnlySpan<int> indices)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor units = torch.zeros(indices.Length, Size, dtype: _matrix.dtype, device: _matrix.device);
        torch.Tensor columns = torch.tensor(Array.ConvertAll(indices.ToArray(), i => (long)i), device: _matrix.device).view(-1, 1);
        units.scatter_(1, columns, torch.ones(indices.Length, 1, dtype: _matrix.dtype, device: _matrix.device));
        Whiten(units, indices);
        return TensorInterop.ToDoubles(units.square().sum(dim: 1));
    }

    // What comes before a row's first number that is not zero stays zero: rows join when their block has come. Without firsts all are there from the start.
    private void Whiten(torch.Tensor all, ReadOnlySpan<int> firsts)
    {
        for (int b = 0; b < _inverses.Count; b++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            (long start, long width) = (b * _block, _inverses[b].shape[0]);
            long there = firsts.IsEmpty ? all.shape[0] : Before(firsts, start + width);
            if (there == 0)
            {
                continue;
            }

            torch.Tensor rows = all.narrow(0, 0, there);
            torch.Tensor own = rows.narrow(1, start, width);
            if (start > 0)
            {
                own.addmm_(rows.narrow(1, 0, start), _matrix.narrow(0, start, width).narrow(1, 0, start).t(), 1, -1);
            }

            own.copy_(torch.mm(own, _inverses[b].t()));
        }
    }

    /// <summary>Every row b^T becomes (L^-T b)^T, in place: n^2 flops a row.</summary>
    /// <param name="rows">[k, n], the matrix's dtype.</param>
    internal void WhitenTransposed(torch.Tensor rows)
    {
        for (int b = _inverses.Count - 1; b >= 0; b--)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            (long start, long width) = (b * _block, _inverses[b].shape[0]);
            long after = start + width;
            torch.Tensor own = rows.narrow(1, start, width);
            if (after < Size)
            {
                own.addmm_(rows.narrow(1, after, Size - after), _matrix.narrow(0, after, Size - after).narrow(1, start, width), 1, -1);
            }

            own.copy_(torch.mm(own, _inverses[b]));
        }
    }

    public void Dispose() => _inverses.ForEach(inverse => inverse.Dispose());

    private static int Before(ReadOnlySpan<int> ascending, long end)
    {
        int count = 0;
        while (count < ascending.Length && ascending[count] < end)
        {
            count++;
        }

        return count;
    }

    private void FactoriseDiagonal(long j, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor block = _matrix.narrow(0, j, width).narrow(1, j, width);
        (torch.Tensor factor, torch.Tensor info) = torch.linalg.cholesky_ex(block.to(torch.ScalarType.Float64));
        if (info.item<int>() != 0)
        {
            throw new NotPositiveDefiniteException("covariance of the observations", Size, 0);
        }

        block.copy_(factor);
        torch.Tensor identity = torch.eye(width, dtype: torch.ScalarType.Float64, device: block.device);
        _inverses.Add(TensorInterop.Own(torch.linalg.solve_triangular(factor, identity, upper: false).to(block.dtype, copy: true)));
    }

    // A_ij becomes A_ij L_jj^-T for all i after j.
    private void SolveBelow(long j, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor below = _matrix.narrow(0, j + width, Size - j - width).narrow(1, j, width);
        below.copy_(torch.mm(below, _inverses[^1].t()));
    }

    // Rows from i of block column j, less what the columns before it explain: one product with a large inner size.
    private void Update(long i, long rows, long j, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor left = _matrix.narrow(0, i, rows).narrow(1, 0, j);
        torch.Tensor right = _matrix.narrow(0, j, width).narrow(1, 0, j);
        _matrix.narrow(0, i, rows).narrow(1, j, width).addmm_(left, right.t(), 1, -1);
    }
}
