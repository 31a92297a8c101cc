using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Adaptation;

/// <summary>
/// C = K + Sigma of a task in fp32, [N, N], and its Cholesky factor in the same memory: the factor below the diagonal, K above it, the diagonal blocks of
/// K beside. So C can still be multiplied, with sums in fp64, once it has been factorised. 4 N^2 bytes. Owns its tensors; borrows the factors.
/// </summary>
internal sealed class RefinedCovariance : IDisposable
{
    // Two blocks of the factor are one of the kernel: a full tile high.
    private const int FactorBlocks = 2;

    private readonly JacobianFactors _factors;
    private readonly double[] _scales;
    private readonly torch.Tensor _noise; // [N, 1], fp64
    private readonly torch.Tensor _matrix;
    private readonly BlockedCholesky _cholesky;
    private readonly List<torch.Tensor> _diagonalBlocks = [];

    internal RefinedCovariance(JacobianFactors factors, ReadOnlySpan<double> blockScales, double[] noise)
    {
        _factors = factors;
        _scales = blockScales.ToArray();
        _noise = TensorInterop.Own(TensorInterop.FromDoubles(noise, [noise.Length, 1], torch.ScalarType.Float64, factors.Device));
        _matrix = TensorInterop.Own(torch.empty(factors.Count, factors.Count, dtype: factors.DType, device: factors.Device));
        _cholesky = new BlockedCholesky(_matrix, BlockRows / FactorBlocks);
    }

    internal long Bytes => (_matrix.numel() * _matrix.ElementSize) + _cholesky.Bytes + _diagonalBlocks.Sum(block => block.numel() * block.ElementSize);

    private long Size => _matrix.shape[0];

    private int BlockInputs => FactorBlocks * Math.Max(1, BlockedCholesky.BlockRows / _factors.Outputs);

    private long BlockRows => (long)BlockInputs * _factors.Outputs;

    /// <summary>Builds and factorises, a block at a time.</summary>
    /// <exception cref="Errors.NotPositiveDefiniteException">In fp32 it is not positive definite.</exception>
    internal IEnumerable<bool> Factorise()
    {
        for (int start = 0; start < _factors.Rows; start += BlockInputs)
        {
            Build(start, Math.Min(BlockInputs, _factors.Rows - start));
            yield return true;
        }

        AddNoise();
        foreach (bool step in _cholesky.Factorise())
        {
            yield return step;
        }
    }

    /// <summary>The sum of the logarithms of the factor's diagonal: half of log|C|.</summary>
    internal double LogDiagonal()
    {
        using torch.Tensor diagonal = _matrix.diagonal();
        return TensorInterop.ToDoubles(diagonal).Sum(Math.Log);
    }

    /// <summary>Every row b^T becomes (L^-1 b)^T, in place.</summary>
    /// <param name="rows">[k, N], fp32.</param>
    internal void Whiten(torch.Tensor rows) => _cholesky.Whiten(rows);

    /// <summary>Some numbers on the diagonal of C^-1, by their ascending indices.</summary>
    internal double[] InverseDiagonal(ReadOnlySpan<int> indices) => _cholesky.InverseDiagonal(indices);

    /// <summary>About C^-1 B: in fp32, [N, k], fp64 in and out. In the caller's dispose scope.</summary>
    internal torch.Tensor Solve(torch.Tensor block)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = block.t().to(_matrix.dtype).contiguous();
        _cholesky.Whiten(rows);
        _cholesky.WhitenTransposed(rows);
        return TensorInterop.Return(rows.t().to(torch.ScalarType.Float64).contiguous());
    }

    /// <summary>C B with sums in fp64, from the fp32 numbers of K. In the caller's dispose scope.</summary>
    internal torch.Tensor Apply(torch.Tensor block)
    {
        torch.Tensor result = block * _noise;
        for (int b = 0; b < _diagonalBlocks.Count; b++)
        {
            long start = b * BlockRows;
            long count = _diagonalBlocks[b].shape[0];
            AddProduct(_diagonalBlocks[b], start, start, block, result, isSquare: true);
            if (start + count < Size)
            {
                AddProduct(_matrix.narrow(0, start, count).narrow(1, start + count, Size - start - count), start, start + count, block, result, isSquare: false);
            }
        }

        return result;
    }

    public void Dispose()
    {
        _noise.Dispose();
        _matrix.Dispose();
        _cholesky.Dispose();
        _diagonalBlocks.ForEach(block => block.Dispose());
    }

    // A part of K at a row and a column, and unless it is on the diagonal its mirror image, times B. Converted a few rows at a time: they stay in the cache.
    private static void AddProduct(torch.Tensor part, long row, long column, torch.Tensor block, torch.Tensor result, bool isSquare)
    {
        foreach ((long start, long count) in RowChunks.Of(part.shape[0], part.shape[1]))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor rows = part.narrow(0, start, count).to(torch.ScalarType.Float64);
            result.narrow(0, row + start, count).add_(torch.mm(rows, block.narrow(0, column, part.shape[1])), Scalars.One);
            if (!isSquare)
            {
                result.narrow(0, column, part.shape[1]).add_(torch.mm(rows.t(), block.narrow(0, row + start, count)), Scalars.One);
            }
        }
    }

    // Rows of K up to their own diagonal block, and their mirror image above it.
    private void Build(int start, int count)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        long c = _factors.Outputs;
        using JacobianFactors rows = _factors.Slice(start, count);
        using JacobianFactors columns = _factors.Slice(0, start + count);
        torch.Tensor target = _matrix.narrow(0, start * c, count * c).narrow(1, 0, (start + count) * c);
        rows.CrossGramInto(columns, _scales, target);
        _diagonalBlocks.Add(TensorInterop.Own(target.narrow(1, start * c, count * c).clone()));
        if (start > 0)
        {
            Mirror(target.narrow(1, 0, start * c), _matrix.narrow(0, 0, start * c).narrow(1, start * c, count * c));
        }
    }

    // The transpose goes by a contiguous square: rows of the matrix are a page apart, so that reading a column of it costs a page per number.
    private static void Mirror(torch.Tensor below, torch.Tensor above)
    {
        for (long j = 0; j < below.shape[1]; j += below.shape[0])
        {
            using DisposeScope scope = torch.NewDisposeScope();
            long columns = Math.Min(below.shape[0], below.shape[1] - j);
            torch.Tensor square = below.narrow(1, j, columns).contiguous();
            above.narrow(0, j, columns).copy_(square.t().contiguous());
        }
    }

    private void AddNoise()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        _matrix.diagonal().add_(_noise.view(-1).to(_matrix.dtype), Scalars.One);
    }
}
