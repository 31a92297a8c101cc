using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The Jacobian J in R^{N x p} of a network's standardised outputs at n inputs, N = n c, with row index i c + o, kept as factors: per site the
/// inputs A [n, d_in] and the output cotangents G [n, c, d_out]. J itself is never formed by the products here.
/// Owns its tensors (they belong to no dispose scope); its dtype and device are the network's. One thread at a time.
/// </summary>
/// <remarks>
/// Structured Jacobian products: Novak, Sohl-Dickstein and Schoenholz, <em>Fast Finite Width Neural Tangent Kernel</em>, ICML 2022.
/// Deviation: a bias is a column of ones in A, so that the weight and the bias of a layer share one product.
/// </remarks>
public sealed partial class JacobianFactors : IDisposable
{
    private const long ProductBudget = 1L << 24; // numbers in one intermediate of Apply and ApplyTranspose
    private readonly DenseSite[] _sites;

    internal JacobianFactors(NetworkSpec spec, torch.Tensor output, DenseSite[] sites)
    {
        Spec = spec;
        Output = TensorInterop.Own(output);
        _sites = sites;
        Rows = (int)output.shape[0];
    }

    /// <summary>The number of inputs, n.</summary>
    public int Rows { get; }

    /// <summary>The number of outputs, c.</summary>
    public int Outputs => Spec.Outputs;

    /// <summary>The number of Jacobian rows, N = n c.</summary>
    public int Count => Rows * Outputs;

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>The network's standardised output, [n, c]. Owned by this object.</summary>
    public torch.Tensor Output { get; }

    /// <summary>The number of sites: one per layer.</summary>
    public int SiteCount => _sites.Length;

    /// <summary>Float64 or Float32.</summary>
    public torch.ScalarType DType => Output.dtype;

    /// <summary>Where the factors are.</summary>
    public torch.Device Device => Output.device;

    /// <summary>The memory of the factors, in bytes (for a slice: of the rows that it shows).</summary>
    public long Bytes => Output.ElementSize * (Output.numel() + _sites.Sum(s => s.Reads.numel() + s.Cotangents.numel()));

    /// <summary>What site <paramref name="site"/> reads: A, [n, d_in]. A view that the caller disposes.</summary>
    public torch.Tensor Inputs(int site) => _sites[site].Reads.narrow(1, 0, _sites[site].InputWidth);

    /// <summary>The output cotangents of site <paramref name="site"/>: G, [n, c, d_out]. A view that the caller disposes.</summary>
    public torch.Tensor Cotangents(int site) => _sites[site].Cotangents.view(Rows, Outputs, _sites[site].OutputWidth);

    /// <summary>Rows [start, start + count) as views on the same memory. The caller disposes it; this object must live longer.</summary>
    public JacobianFactors Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Rows - count);
        return new JacobianFactors(Spec, Output.narrow(0, start, count), Array.ConvertAll(_sites, s => s.Slice(start, count, Outputs)));
    }

    /// <summary>J u. 2 n p k flops.</summary>
    /// <param name="u">[p, k], same dtype and device.</param>
    /// <returns>[N, k]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The shape, dtype or device differs.</exception>
    public torch.Tensor Apply(torch.Tensor u)
    {
        CheckOperand(u, Spec.ParameterCount, nameof(u));
        using DisposeScope scope = torch.NewDisposeScope();
        int k = (int)u.shape[1];
        torch.Tensor result = torch.zeros(Count, k, dtype: DType, device: Device);
        foreach (DenseSite site in _sites)
        {
            int step = ColumnStep(site, k);
            for (int j = 0; j < k; j += step)
            {
                int width = Math.Min(step, k - j);
                using DisposeScope inner = torch.NewDisposeScope();
                result.narrow(1, j, width).add_(site.Apply(u.narrow(1, j, width), Outputs));
            }
        }

        return TensorInterop.Return(result);
    }

    /// <summary>J^T v. 2 n p k flops.</summary>
    /// <param name="v">[N, k], same dtype and device.</param>
    /// <returns>[p, k]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The shape, dtype or device differs.</exception>
    public torch.Tensor ApplyTranspose(torch.Tensor v)
    {
        CheckOperand(v, Count, nameof(v));
        using DisposeScope scope = torch.NewDisposeScope();
        int k = (int)v.shape[1];
        torch.Tensor result = torch.empty(Spec.ParameterCount, k, dtype: DType, device: Device);
        foreach (DenseSite site in _sites)
        {
            int step = ColumnStep(site, k);
            for (int j = 0; j < k; j += step)
            {
                int width = Math.Min(step, k - j);
                using DisposeScope inner = torch.NewDisposeScope();
                (torch.Tensor weight, torch.Tensor bias) = site.ApplyTranspose(v.narrow(1, j, width), Outputs);
                result.narrow(0, site.Weight.Offset, site.Weight.Count).narrow(1, j, width).copy_(weight);
                result.narrow(0, site.Bias.Offset, site.Bias.Count).narrow(1, j, width).copy_(bias);
            }
        }

        return TensorInterop.Return(result);
    }

    /// <summary>J itself, [N, p]. Expensive: N p numbers. For tests, and for the parameter-space posterior a few rows at a time.</summary>
    /// <returns>The caller disposes it.</returns>
    public torch.Tensor ToDense()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var blocks = new List<torch.Tensor>(2 * _sites.Length);
        foreach (DenseSite site in _sites)
        {
            (torch.Tensor weight, torch.Tensor bias) = site.ToDense(Outputs);
            blocks.Add(weight);
            blocks.Add(bias);
        }

        return TensorInterop.Return(torch.cat(blocks, dim: 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Output.Dispose();
        foreach (DenseSite site in _sites)
        {
            site.Dispose();
        }
    }

    private int ColumnStep(DenseSite site, int columns) =>
        (int)Math.Clamp(ProductBudget / ((long)Rows * site.OutputWidth), 1, Math.Max(1, columns));

    private void CheckOperand(torch.Tensor operand, long rows, string name)
    {
        ArgumentNullException.ThrowIfNull(operand, name);
        if (operand.dim() != 2 || operand.shape[0] != rows)
        {
            throw new ArgumentException($"A tensor of shape [{rows}, k] is needed, not [{string.Join(", ", operand.shape)}].", name);
        }

        if (operand.dtype != DType || operand.device_type != Device.type)
        {
            throw new ArgumentException($"A {DType} tensor on {Device} is needed, not a {operand.dtype} one on {operand.device}.", name);
        }
    }
}
