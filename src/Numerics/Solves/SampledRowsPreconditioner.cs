using AdaptCluster.Numerics.Data;
using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Operators;
using AdaptCluster.Numerics.Posteriors;
using AdaptCluster.Numerics.Priors;
using AdaptCluster.Numerics.Solvers;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>
/// P = I + (n/m) Phi_m^T Sigma_m^-1 Phi_m in parameter space by the m sampled rows' kernel: P^-1 = I - Phi_m^T (Phi_m Phi_m^T + (m/n) Sigma_m)^-1 Phi_m.
/// For more parameters than a q x q matrix allows. m^2 sum(d_in + d_out) + m^3/3 flops once, then 4 m p per column; 8 m^2 bytes.
/// </summary>
internal sealed class SampledRowsPreconditioner : IPreconditioner
{
    private readonly SourceNetwork _network;
    private readonly JacobianFactors _rows;
    private readonly FreeParameters _free;
    private readonly torch.Tensor _noise; // (m/n) Sigma_m, [m c, 1]

    /// <summary>Builds it.</summary>
    /// <param name="model">The source model.</param>
    /// <param name="device">Where.</param>
    /// <param name="inputs">The sampled rows, [m, d].</param>
    /// <param name="free">Borrowed.</param>
    /// <param name="prior">Scales and noise.</param>
    /// <param name="fraction">m / n.</param>
    internal SampledRowsPreconditioner(SourceModel model, torch.Device device, RowMatrix inputs, FreeParameters free, Prior prior, double fraction)
    {
        Inputs = inputs;
        _free = free;
        _network = new SourceNetwork(model, device);
        _rows = _network.Linearise(inputs);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor part = TensorInterop.FromDoubles([fraction], [1, 1], torch.ScalarType.Float64, device);
        torch.Tensor noise = part / NoiseWeights.Of(_rows, prior, torch.ScalarType.Float64);
        _noise = TensorInterop.Own(noise.expand(_rows.Count, 1).contiguous().clone());
        torch.Tensor kernel = _rows.Gram(prior.BlockScales.AsSpan());
        kernel.diagonal().add_(_noise.view(-1), Scalars.One);
        (torch.Tensor factor, _) = Factorisation.Cholesky(kernel, "preconditioner");
        Factor = TensorInterop.Own(factor);
        LogDeterminant = (2 * TensorInterop.ToDoubles(Factor.diagonal()).Sum(Math.Log)) - TensorInterop.ToDoubles(_noise).Sum(Math.Log);
    }

    /// <summary>The sampled rows, [m, d], in the data's units.</summary>
    internal RowMatrix Inputs { get; }

    /// <summary>The Cholesky factor of K_mm + (m/n) Sigma_m, [m c, m c]. Owned by this object.</summary>
    internal torch.Tensor Factor { get; }

    public double LogDeterminant { get; }

    public int NormalsPerSample => _free.Count + _rows.Count;

    public torch.Tensor Solve(torch.Tensor residuals, ReadOnlySpan<int> columns)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor inner = _rows.Apply(_free.Embed(residuals)).cholesky_solve(Factor);
        return TensorInterop.Return(residuals - _free.Extract(_rows.ApplyTranspose(inner)));
    }

    public torch.Tensor Sample(torch.Tensor normals)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = normals.narrow(0, _free.Count, _rows.Count) / _noise.sqrt();
        return TensorInterop.Return(normals.narrow(0, 0, _free.Count) + _free.Extract(_rows.ApplyTranspose(rows)));
    }

    public void Dispose()
    {
        Factor.Dispose();
        _noise.Dispose();
        _rows.Dispose();
        _network.Dispose();
    }
}
