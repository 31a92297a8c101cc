using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solvers;

/// <summary>
/// P = F F^T + diag(noise) with a thin F, [n, r]: a partial pivoted Cholesky factor of the kernel in function space. 4 n r flops per column by
/// Woodbury's identity, in fp64.
/// </summary>
/// <remarks>Gardner et al., <em>GPyTorch: Blackbox Matrix-Matrix Gaussian Process Inference</em>, NeurIPS 2018, section 4.1.</remarks>
internal sealed class LowRankPreconditioner : IPreconditioner
{
    private readonly torch.Tensor _factor; // F, [n, r]
    private readonly torch.Tensor _noise; // [n, 1]
    private readonly torch.Tensor _inner; // Cholesky of I + F^T noise^-1 F, [r, r]

    /// <summary>Takes F, [n, r], and the noise, [n, 1] or one number for all, both fp64. F's memory is shared where it is contiguous; the noise is copied.</summary>
    internal LowRankPreconditioner(torch.Tensor factor, torch.Tensor noise)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        _factor = TensorInterop.Own(factor.contiguous().alias());
        _noise = TensorInterop.Own(noise.reshape(-1, 1).expand(factor.shape[0], 1).clone());
        torch.Tensor inner = torch.mm(_factor.t(), _factor / _noise);
        using (torch.Tensor diagonal = inner.diagonal())
        {
            using torch.Tensor one = torch.ones(1, dtype: torch.ScalarType.Float64, device: inner.device);
            diagonal.add_(one, Scalars.One);
        }

        (torch.Tensor cholesky, _) = Factorisation.Cholesky(inner, "low-rank preconditioner");
        _inner = TensorInterop.Own(cholesky);
        LogDeterminant = TensorInterop.ToDoubles(_noise).Sum(Math.Log) + (2 * TensorInterop.ToDoubles(_inner.diagonal()).Sum(Math.Log));
    }

    /// <summary>F, [n, r]. Owned by this object.</summary>
    internal torch.Tensor Factor => _factor;

    public double LogDeterminant { get; }

    public int NormalsPerSample => (int)(_factor.shape[0] + _factor.shape[1]);

    public torch.Tensor Solve(torch.Tensor residuals, ReadOnlySpan<int> columns)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor scaled = residuals / _noise;
        torch.Tensor inner = torch.mm(_factor.t(), scaled).cholesky_solve(_inner);
        return TensorInterop.Return(scaled.sub_(torch.mm(_factor, inner).div_(_noise)));
    }

    public torch.Tensor Sample(torch.Tensor normals)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        long r = _factor.shape[1];
        torch.Tensor low = torch.mm(_factor, normals.narrow(0, 0, r));
        return TensorInterop.Return(low.add_(normals.narrow(0, r, _factor.shape[0]) * _noise.sqrt(), Scalars.One));
    }

    public void Dispose()
    {
        _factor.Dispose();
        _noise.Dispose();
        _inner.Dispose();
    }
}
