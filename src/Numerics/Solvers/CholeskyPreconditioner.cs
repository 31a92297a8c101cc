using AdaptCluster.Numerics.Errors;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>P as a dense matrix with its Cholesky factor: the Gram matrix of sampled rows in parameter space. 8 n^2 bytes, 2 n^2 flops per column.</summary>
internal sealed class CholeskyPreconditioner : IPreconditioner
{
    /// <summary>Factorises P.</summary>
    /// <param name="matrix">P, [n, n], fp64; only its lower triangle is read, and it is changed where a jitter is needed. The caller keeps it.</param>
    /// <exception cref="NotPositiveDefiniteException">P cannot be factorised.</exception>
    internal CholeskyPreconditioner(torch.Tensor matrix)
    {
        (torch.Tensor factor, _) = Factorisation.Cholesky(matrix, "preconditioner");
        Factor = TensorInterop.Own(factor);
        using torch.Tensor diagonal = Factor.diagonal();
        LogDeterminant = 2 * TensorInterop.ToDoubles(diagonal).Sum(Math.Log);
    }

    /// <summary>L, [n, n], lower. Owned by this object.</summary>
    internal torch.Tensor Factor { get; }

    public double LogDeterminant { get; }

    public int NormalsPerSample => (int)Factor.shape[0];

    public torch.Tensor Solve(torch.Tensor residuals, ReadOnlySpan<int> columns) => residuals.cholesky_solve(Factor);

    public torch.Tensor Sample(torch.Tensor normals) => torch.mm(Factor, normals);

    public void Dispose() => Factor.Dispose();
}
