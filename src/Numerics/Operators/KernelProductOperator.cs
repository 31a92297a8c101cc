using AdaptCluster.Numerics.Jacobians;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Operators;

/// <summary>
/// The kernel K = J D J^T = sum_b theta_b J_b J_b^T, [N, N], without ever forming it: v -> J (D (J^T v)). About 4 n p k flops and p k numbers per product of
/// k columns. Borrows the factors.
/// </summary>
internal sealed class KernelProductOperator : ILinearOperator
{
    private readonly JacobianFactors _factors;
    private readonly double[] _scales;
    private readonly torch.Tensor _variances; // the diagonal of D, [p, 1]

    /// <summary>Takes the scales.</summary>
    /// <param name="factors">J at the inputs.</param>
    /// <param name="blockScales">theta, length B, finite and not negative.</param>
    /// <exception cref="ArgumentException">The number of scales is not the number of blocks, or one is out of range.</exception>
    internal KernelProductOperator(JacobianFactors factors, ReadOnlySpan<double> blockScales)
    {
        factors.CheckScales(blockScales);
        _factors = factors;
        _scales = blockScales.ToArray();
        var variances = new double[factors.Spec.ParameterCount];
        for (int b = 0; b < _scales.Length; b++)
        {
            variances.AsSpan(factors.Spec.Blocks[b].Offset, factors.Spec.Blocks[b].Count).Fill(_scales[b]);
        }

        using DisposeScope scope = torch.NewDisposeScope();
        _variances = TensorInterop.Own(TensorInterop.FromDoubles(variances, [variances.Length, 1], factors.DType, factors.Device));
    }

    public int Rows => _factors.Count;

    public int Columns => _factors.Count;

    public torch.ScalarType DType => _factors.DType;

    public torch.Device Device => _factors.Device;

    public torch.Tensor Apply(torch.Tensor v)
    {
        Operand.CheckApply(this, v);
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(_factors.Apply(_factors.ApplyTranspose(v).mul_(_variances)));
    }

    public torch.Tensor ApplyTranspose(torch.Tensor u) => Apply(u);

    public torch.Tensor ToDense() => _factors.Gram(_scales);

    public void Dispose() => _variances.Dispose();
}
