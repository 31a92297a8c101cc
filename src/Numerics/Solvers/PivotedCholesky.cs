using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>
/// The partial Cholesky factorisation of a positive semi-definite matrix with diagonal pivoting, a column per step: K is close to F F^T, and
/// K - F F^T is positive semi-definite. Reads the diagonal and one row per step; r steps cost r rows and n r^2 flops, 8 n r bytes. fp64; owns its tensors.
/// </summary>
/// <remarks>
/// Harbrecht, Peters and Schneider, <em>On the low-rank approximation by the pivoted Cholesky decomposition</em>, 2012. Deviation: the rank is
/// the smallest whose residual trace is small enough for the noise, not fixed.
/// </remarks>
internal sealed class PivotedCholesky : IDisposable
{
    private readonly Func<int, torch.Tensor> _row;
    private readonly double _meanResidual;
    private readonly double _smallest;
    private readonly torch.Tensor _rest; // the residual's diagonal, [n]
    private readonly torch.Tensor _rows; // F^T, [most, n]: a step writes one contiguous row
    private bool _exhausted;

    /// <summary>Prepares; a step computes.</summary>
    /// <param name="diagonal">The diagonal of K, [n], fp64; copied.</param>
    /// <param name="row">Gives row i of K, [n], fp64.</param>
    /// <param name="maxRank">The most columns of F.</param>
    /// <param name="meanResidual">It is done when the mean of the residual's diagonal is at most this.</param>
    internal PivotedCholesky(torch.Tensor diagonal, Func<int, torch.Tensor> row, int maxRank, double meanResidual)
    {
        int n = (int)diagonal.shape[0];
        _row = row;
        _meanResidual = meanResidual;
        _smallest = TensorInterop.ToDoubles(diagonal).Max() * n * 1e-16; // below it a pivot is rounding
        _rest = TensorInterop.Own(diagonal.clone());
        _rows = TensorInterop.Own(torch.empty(Math.Min(maxRank, n), n, dtype: torch.ScalarType.Float64, device: diagonal.device));
        MeanResidual = Mean(_rest);
    }

    /// <summary>r: the columns so far.</summary>
    internal int Rank { get; private set; }

    /// <summary>The mean of the residual's diagonal.</summary>
    internal double MeanResidual { get; private set; }

    /// <summary>Whether another step would be of no use, or is not allowed.</summary>
    internal bool IsDone => _exhausted || Rank == _rows.shape[0] || MeanResidual <= _meanResidual;

    /// <summary>F, [n, r], a view, column after column; of a matrix that is zero, [n, 0]. In the caller's dispose scope.</summary>
    internal torch.Tensor Factor()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(_rows.narrow(0, 0, Rank).t());
    }

    /// <summary>All columns at once.</summary>
    /// <returns>F, [n, r], in the caller's dispose scope, and the mean of the residual's diagonal.</returns>
    internal static (torch.Tensor Factor, double MeanResidual) Factorise(
        torch.Tensor diagonal, Func<int, torch.Tensor> row, int maxRank, double meanResidual)
    {
        using var pivots = new PivotedCholesky(diagonal, row, maxRank, meanResidual);
        while (!pivots.IsDone)
        {
            pivots.Step();
        }

        return (pivots.Factor(), pivots.MeanResidual);
    }

    /// <summary>One column.</summary>
    internal void Step()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int pivot = (int)_rest.argmax().item<long>();
        double value = _rest[pivot].item<double>();
        if (!(value > _smallest))
        {
            _exhausted = true;
            return;
        }

        torch.Tensor next = _row(pivot).clone();
        if (Rank > 0)
        {
            torch.Tensor seen = _rows.narrow(0, 0, Rank);
            next.sub_(torch.mv(seen.t(), seen.select(1, pivot)));
        }

        next.div_(TensorInterop.FromDoubles([Math.Sqrt(value)], [1], torch.ScalarType.Float64, _rows.device));
        _rows.select(0, Rank).copy_(next);
        _rest.sub_(next.square()).relu_();
        _rest.narrow(0, pivot, 1).zero_();
        Rank++;
        MeanResidual = Mean(_rest);
    }

    public void Dispose()
    {
        _rest.Dispose();
        _rows.Dispose();
    }

    private static double Mean(torch.Tensor values)
    {
        using torch.Tensor mean = values.mean();
        return mean.item<double>();
    }
}
