using AdaptCluster.Numerics.Data;
using TorchSharp;

namespace AdaptCluster.Numerics.Baselines;

/// <summary>exp(-|x - x'|^2 / (2 l^2)). Results are in the caller's dispose scope.</summary>
internal static class RbfKernel
{
    /// <summary>|x - x'|^2 for a [..., n, d] and b [..., m, d]: [..., n, m], not negative.</summary>
    internal static torch.Tensor SquaredDistances(torch.Tensor a, torch.Tensor b)
    {
        torch.Tensor products = torch.einsum("...nd,...md->...nm", a, b).mul_(-2);
        return products.add_(a.square().sum(dim: -1).unsqueeze(-1)).add_(b.square().sum(dim: -1).unsqueeze(-2)).clamp_(0);
    }

    internal static torch.Tensor Of(torch.Tensor squaredDistances, double lengthscale) =>
        (squaredDistances / (-2 * lengthscale * lengthscale)).exp_();

    /// <summary>The rows of a matrix as a two-dimensional array.</summary>
    internal static double[,] Rows(RowMatrix matrix)
    {
        var rows = new double[matrix.Rows, matrix.Columns];
        Buffer.BlockCopy(matrix.Values, 0, rows, 0, matrix.Values.Length * sizeof(double));
        return rows;
    }
}
