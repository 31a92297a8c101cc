using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>
/// The partial Cholesky factorisation of a positive semi-definite matrix with diagonal pivoting: K is close to F F^T, and K - F F^T is positive semi-definite.
/// Reads the diagonal and one row per step; r steps cost r rows and n r^2 flops, 8 n r bytes.
/// </summary>
/// <remarks>
/// Harbrecht, Peters and Schneider, <em>On the low-rank approximation by the pivoted Cholesky decomposition</em>, 2012. Deviation: the rank is
/// the smallest whose residual trace is small enough for the noise, not fixed.
/// </remarks>
internal static class PivotedCholesky
{
    /// <summary>Factorises.</summary>
    /// <param name="diagonal">The diagonal of K, [n], fp64; not changed.</param>
    /// <param name="row">Gives row i of K, [n], fp64.</param>
    /// <param name="maxRank">The most columns of F.</param>
    /// <param name="meanResidual">Stops when the mean of the residual's diagonal is at most this.</param>
    /// <returns>F, [n, r], fp64, r at least 1 unless K is zero, and the mean of the residual's diagonal. In the caller's dispose scope.</returns>
    internal static (torch.Tensor Factor, double MeanResidual) Factorise(
        torch.Tensor diagonal, Func<int, torch.Tensor> row, int maxRank, double meanResidual)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int n = (int)diagonal.shape[0];
        int most = Math.Min(maxRank, n);
        torch.Tensor rest = diagonal.clone();
        torch.Tensor rows = torch.empty(most, n, dtype: torch.ScalarType.Float64, device: diagonal.device); // F^T: a step writes one contiguous row
        double smallest = TensorInterop.ToDoubles(diagonal).Max() * n * 1e-16; // below it a pivot is rounding
        double mean = Mean(rest);
        int rank = 0;
        while (rank < most && mean > meanResidual)
        {
            using DisposeScope step = torch.NewDisposeScope();
            int pivot = (int)rest.argmax().item<long>();
            double value = rest[pivot].item<double>();
            if (!(value > smallest))
            {
                break;
            }

            torch.Tensor next = row(pivot).clone();
            if (rank > 0)
            {
                torch.Tensor seen = rows.narrow(0, 0, rank);
                next.sub_(torch.mv(seen.t(), seen.select(1, pivot)));
            }

            next.div_(TensorInterop.FromDoubles([Math.Sqrt(value)], [1], torch.ScalarType.Float64, rows.device));
            rows.select(0, rank).copy_(next);
            rest.sub_(next.square()).relu_();
            rest.narrow(0, pivot, 1).zero_();
            rank++;
            mean = Mean(rest);
        }

        torch.Tensor factor = rows.narrow(0, 0, rank).t().contiguous();
        return (TensorInterop.Return(factor), mean);
    }

    private static double Mean(torch.Tensor values)
    {
        using torch.Tensor mean = values.mean();
        return mean.item<double>();
    }
}
