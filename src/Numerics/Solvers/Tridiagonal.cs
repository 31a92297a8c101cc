using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>The spectrum of a symmetric tridiagonal matrix of Lanczos, in managed memory.</summary>
/// <param name="Values">Its m eigenvalues, ascending: the Ritz values.</param>
/// <param name="Weights">The squares of its eigenvectors' first entries: the weights of Gauss quadrature. They sum to 1.</param>
/// <param name="Last">The magnitudes of its eigenvectors' last entries: times the next off-diagonal, the norms of the residuals.</param>
internal sealed record Tridiagonal(double[] Values, double[] Weights, double[] Last)
{
    /// <summary>Decomposes the matrix; m^3 flops.</summary>
    /// <param name="diagonal">Length m, at least 1.</param>
    /// <param name="offDiagonal">At least m - 1 numbers; more are not read.</param>
    internal static Tridiagonal Decompose(IReadOnlyList<double> diagonal, IReadOnlyList<double> offDiagonal)
    {
        int m = diagonal.Count;
        var matrix = new double[m * m];
        for (int i = 0; i < m; i++)
        {
            matrix[(i * m) + i] = diagonal[i];
            if (i + 1 < m)
            {
                matrix[(i * m) + i + 1] = offDiagonal[i];
                matrix[((i + 1) * m) + i] = offDiagonal[i];
            }
        }

        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor values, torch.Tensor vectors) = torch.linalg.eigh(TensorInterop.FromDoubles(matrix, [m, m], torch.ScalarType.Float64, torch.CPU));
        return new Tridiagonal(
            TensorInterop.ToDoubles(values), TensorInterop.ToDoubles(vectors.select(0, 0).square()), TensorInterop.ToDoubles(vectors.select(0, m - 1).abs()));
    }
}
