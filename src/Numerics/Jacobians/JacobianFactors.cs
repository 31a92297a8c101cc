using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The Jacobian J in R^{N x p} of a network's standardised outputs at n inputs, N = n c, with row index i c + o, kept as factors: per site what
/// multiplies the parameters and the output cotangents there. J itself is never formed by the products here.
/// Owns its tensors (they belong to no dispose scope); its dtype and device are the network's. One thread at a time.
/// </summary>
/// <remarks>
/// Structured Jacobian products: Novak, Sohl-Dickstein and Schoenholz, <em>Fast Finite Width Neural Tangent Kernel</em>, ICML 2022.
/// Deviation: a dense bias is a column of ones in A, so that the weight and the bias of a layer share one product.
/// </remarks>
public sealed partial class JacobianFactors : IDisposable
{
    private readonly JacobianSite[] _sites;

    internal JacobianFactors(NetworkSpec spec, torch.Tensor output, JacobianSite[] sites)
    {
        Spec = spec;
        Output = TensorInterop.Own(output);
        _sites = sites;
        Rows = (int)output.shape[0];
        Outputs = (int)output.shape[1];
    }

    /// <summary>The number of inputs, n.</summary>
    public int Rows { get; }

    /// <summary>The number of outputs, c; 1 where <see cref="OfOutput"/> picked one.</summary>
    public int Outputs { get; }

    /// <summary>The number of Jacobian rows, N = n c.</summary>
    public int Count => Rows * Outputs;

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>The network's standardised output, [n, c]. Owned by this object.</summary>
    public torch.Tensor Output { get; }

    /// <summary>Float64 or Float32.</summary>
    public torch.ScalarType DType => Output.dtype;

    /// <summary>Where the factors are.</summary>
    public torch.Device Device => Output.device;

    /// <summary>The memory of the factors, in bytes (for a slice: of the rows that it shows).</summary>
    public long Bytes => Output.ElementSize * (Output.numel() + _sites.Sum(s => s.Numbers));

    /// <summary>Rows [start, start + count) as views on the same memory. The caller disposes it; this object must live longer.</summary>
    public JacobianFactors Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Rows - count);
        using DisposeScope scope = torch.NewDisposeScope();
        return new JacobianFactors(Spec, Output.narrow(0, start, count), Array.ConvertAll(_sites, s => s.Slice(start, count)));
    }

    /// <summary>
    /// The rows of one output alone, as views on the same memory: [n, p], for outputs that are treated as independent. The caller disposes
    /// it; this object must live longer.
    /// </summary>
    public JacobianFactors OfOutput(int output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(output);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(output, Outputs);
        using DisposeScope scope = torch.NewDisposeScope();
        return new JacobianFactors(Spec, Output.narrow(1, output, 1), Array.ConvertAll(_sites, s => s.OfOutput(output)));
    }

    /// <summary>
    /// The same numbers in fp64, for products that are exact for these factors; null where a program computes them. The caller disposes it; it may
    /// share memory with this object, which must live longer.
    /// </summary>
    internal JacobianFactors? InDouble()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var sites = new JacobianSite[_sites.Length];
        for (int s = 0; s < sites.Length; s++)
        {
            if (_sites[s].InDouble() is not { } site)
            {
                foreach (JacobianSite made in sites.AsSpan(0, s))
                {
                    made.Dispose();
                }

                return null;
            }

            sites[s] = site;
        }

        return new JacobianFactors(Spec, Output.to(torch.ScalarType.Float64), sites);
    }

    /// <summary>J u. About 2 n p k flops for dense networks; as a forward pass of k directions for others.</summary>
    /// <param name="u">[p, k], same dtype and device.</param>
    /// <returns>[N, k]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The shape, dtype or device differs.</exception>
    public torch.Tensor Apply(torch.Tensor u)
    {
        CheckOperand(u, Spec.ParameterCount, nameof(u));
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor result = torch.zeros(Count, u.shape[1], dtype: DType, device: Device);
        foreach (JacobianSite site in _sites)
        {
            site.AddApply(u, result);
        }

        return TensorInterop.Return(result);
    }

    /// <summary>J^T v. Costs what <see cref="Apply"/> costs.</summary>
    /// <param name="v">[N, k], same dtype and device.</param>
    /// <returns>[p, k]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The shape, dtype or device differs.</exception>
    public torch.Tensor ApplyTranspose(torch.Tensor v)
    {
        CheckOperand(v, Count, nameof(v));
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor result = torch.empty(Spec.ParameterCount, v.shape[1], dtype: DType, device: Device);
        foreach (JacobianSite site in _sites)
        {
            site.ApplyTranspose(v, result);
        }

        return TensorInterop.Return(result);
    }

    /// <summary>J itself, [N, p]. Expensive: N p numbers. For tests, and for the parameter-space posterior a few rows at a time.</summary>
    /// <returns>The caller disposes it.</returns>
    public torch.Tensor ToDense()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor dense = torch.empty(Count, Spec.ParameterCount, dtype: DType, device: Device);
        foreach (JacobianSite site in _sites)
        {
            site.CopyRows(dense);
        }

        return TensorInterop.Return(dense);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Output.Dispose();
        foreach (JacobianSite site in _sites)
        {
            site.Dispose();
        }
    }

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
