using AdaptCluster.Numerics.Errors;
using TorchSharp;

namespace AdaptCluster.Numerics.Tensors;

/// <summary>The Cholesky factorisation with the library's one rule about jitter.</summary>
internal static class Factorisation
{
    internal const double SmallestJitter = 1e-12;
    internal const double LargestJitter = 1e-6;

    /// <summary>
    /// The lower factor of <paramref name="matrix"/> (fp64, symmetric, only its lower triangle is read), retried with a jitter on the
    /// diagonal that grows tenfold from 1e-12 to 1e-6 times the mean diagonal. The matrix is changed when a jitter was needed.
    /// </summary>
    /// <returns>The factor, in the caller's scope, and the jitter that was added (0 if none).</returns>
    internal static (torch.Tensor Factor, double Jitter) Cholesky(torch.Tensor matrix, string name)
    {
        double added = 0;
        double unit = double.NaN;
        for (double relative = 0; ; relative = relative == 0 ? SmallestJitter : relative * 10)
        {
            if (relative > 0)
            {
                unit = double.IsNaN(unit) ? matrix.diagonal().mean().item<double>() : unit;
                using torch.Tensor diagonal = matrix.diagonal();
                diagonal.add_((relative * unit) - added);
                added = relative * unit;
            }

            (torch.Tensor factor, torch.Tensor info) = torch.linalg.cholesky_ex(matrix);
            using (info)
            {
                if (info.item<int>() == 0)
                {
                    return (factor, added);
                }
            }

            factor.Dispose();
            if (relative > LargestJitter / 2)
            {
                throw new NotPositiveDefiniteException(name, matrix.shape[0], added);
            }
        }
    }
}
