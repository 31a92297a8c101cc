using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <content>Kernels: sums over blocks of theta_b J_b J_b'^T.</content>
public sealed partial class JacobianFactors
{
    /// <summary>
    /// K = sum_b theta_b J_b J_b^T. Only what is on and below the diagonal is computed, the rest is mirrored; beside the result no more
    /// memory than a few tiles and one panel of rows. Symmetric to rounding.
    /// </summary>
    /// <param name="blockScales">theta, length B, not negative.</param>
    /// <returns>[N, N]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The number of scales is not the number of blocks, or one is negative or not finite.</exception>
    public torch.Tensor Gram(ReadOnlySpan<double> blockScales)
    {
        CheckScales(blockScales);
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(new KernelBuild(this, this, new SiteScales(this, blockScales)).Run());
    }

    /// <summary>sum_b theta_b J_b J'_b^T with the rows of <paramref name="other"/>.</summary>
    /// <param name="other">Factors of the same network, N' rows, same dtype and device.</param>
    /// <param name="blockScales">theta, length B, not negative.</param>
    /// <returns>[N, N']; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The factors belong to another network or dtype, or the scales are out of range.</exception>
    public torch.Tensor CrossGram(JacobianFactors other, ReadOnlySpan<double> blockScales)
    {
        CheckOther(other);
        CheckScales(blockScales);
        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(new KernelBuild(this, other, new SiteScales(this, blockScales)).Run());
    }

    /// <summary><see cref="CrossGram"/> written where it is wanted.</summary>
    /// <param name="other">As there.</param>
    /// <param name="blockScales">As there.</param>
    /// <param name="target">[N, N'], same dtype and device, perhaps a part of a larger matrix.</param>
    internal void CrossGramInto(JacobianFactors other, ReadOnlySpan<double> blockScales, torch.Tensor target)
    {
        CheckOther(other);
        CheckScales(blockScales);
        using DisposeScope scope = torch.NewDisposeScope();
        new KernelBuild(this, other, new SiteScales(this, blockScales)).RunInto(target);
    }

    /// <summary>K'^T v for the kernel of <see cref="CrossGram"/> in blocks of its rows: K is never there as a whole. [N', k]; the caller disposes it.</summary>
    /// <param name="other">Factors of the same network, N' rows, same dtype and device.</param>
    /// <param name="blockScales">theta, length B, not negative.</param>
    /// <param name="v">[N, k], same dtype and device.</param>
    /// <param name="kernelNumbers">The most numbers of a block of the kernel.</param>
    /// <exception cref="ArgumentException">Something does not fit.</exception>
    public torch.Tensor CrossApplyTranspose(JacobianFactors other, ReadOnlySpan<double> blockScales, torch.Tensor v, long kernelNumbers = 1L << 23)
    {
        CheckOther(other);
        CheckScales(blockScales);
        CheckOperand(v, Count, nameof(v));
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor result = torch.empty(other.Count, v.shape[1], dtype: DType, device: Device);
        int step = (int)Math.Clamp(kernelNumbers / ((long)Count * other.Outputs), 1, other.Rows);
        for (int start = 0; start < other.Rows; start += step)
        {
            int count = Math.Min(step, other.Rows - start);
            using DisposeScope inner = torch.NewDisposeScope();
            using JacobianFactors slice = other.Slice(start, count);
            using torch.Tensor kernel = CrossGram(slice, blockScales);
            result.narrow(0, (long)start * other.Outputs, (long)count * other.Outputs).copy_(torch.mm(kernel.t(), v));
        }

        return TensorInterop.Return(result);
    }

    /// <summary>J_b J_b^T of one block, [N, N]; the caller disposes it.</summary>
    public torch.Tensor BlockGram(int block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(block, Spec.Blocks.Length);
        var scales = new double[Spec.Blocks.Length];
        scales[block] = 1;
        return Gram(scales);
    }

    /// <summary>J_b J_b^T of every block for each of <paramref name="tasks"/> runs of as many rows: nothing of one run with another.</summary>
    /// <param name="tasks">T; the rows are T n.</param>
    /// <returns>[B, T, n c, n c]; the caller disposes it.</returns>
    internal torch.Tensor BlockGrams(int tasks)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int rows = Rows / tasks;
        long n = (long)rows * Outputs;
        torch.Tensor result = torch.empty(Spec.Blocks.Length, tasks, n, n, dtype: DType, device: Device);
        foreach (JacobianSite site in _sites)
        {
            if (site is DenseSite dense)
            {
                dense.CopyBlockGrams(result, tasks);
                continue;
            }

            for (int t = 0; t < tasks; t++)
            {
                using DisposeScope inner = torch.NewDisposeScope();
                using JacobianFactors slice = Slice(t * rows, rows);
                foreach (int block in site.Plan.Blocks)
                {
                    result.select(0, block).select(0, t).copy_(slice.BlockGram(block));
                }
            }
        }

        return TensorInterop.Return(result);
    }

    /// <summary>The diagonal of <see cref="Gram"/>, without the rest.</summary>
    /// <param name="blockScales">theta, length B, not negative.</param>
    /// <returns>[N]; the caller disposes it.</returns>
    public torch.Tensor Diagonal(ReadOnlySpan<double> blockScales)
    {
        CheckScales(blockScales);
        using DisposeScope scope = torch.NewDisposeScope();
        var scales = new SiteScales(this, blockScales);
        torch.Tensor result = torch.zeros(Rows, Outputs, dtype: DType, device: Device);
        foreach (JacobianSite site in _sites)
        {
            site.AddDiagonal(result, scales);
        }

        return TensorInterop.Return(result.view(Count));
    }

    /// <summary>
    /// sum(W o J_b J_b^T) for every block b, without keeping a block's kernel. Costs what <see cref="Gram"/> costs.
    /// With W = alpha alpha^T - C^-1 this is the gradient of the evidence.
    /// </summary>
    /// <param name="weights">W, [N, N], symmetric, same dtype and device. Not changed.</param>
    /// <returns>[B]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The shape, dtype or device differs.</exception>
    public torch.Tensor ContractBlocks(torch.Tensor weights)
    {
        CheckOperand(weights, Count, nameof(weights));
        if (weights.shape[1] != Count)
        {
            throw new ArgumentException($"A tensor of shape [{Count}, {Count}] is needed.", nameof(weights));
        }

        using DisposeScope scope = torch.NewDisposeScope();
        return TensorInterop.Return(new KernelContraction(this, weights).Run());
    }

    /// <summary>The trace of every block's kernel, tr(J_b J_b^T), [B]; the caller disposes it.</summary>
    public torch.Tensor BlockTraces()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor result = torch.zeros(Spec.Blocks.Length, dtype: DType, device: Device);
        foreach (JacobianSite site in _sites)
        {
            AddToBlocks(result, site, site.Traces());
        }

        return TensorInterop.Return(result);
    }

    internal ReadOnlySpan<JacobianSite> Sites => _sites;

    internal static void AddToBlocks(torch.Tensor result, JacobianSite site, torch.Tensor sums)
    {
        for (int b = 0; b < site.Plan.Blocks.Length; b++)
        {
            result.narrow(0, site.Plan.Blocks[b], 1).add_(sums.narrow(0, b, 1), Scalars.One);
        }
    }

    private void CheckOther(JacobianFactors other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Spec.Equals(other.Spec) || Outputs != other.Outputs)
        {
            throw new ArgumentException("The two Jacobians belong to networks of different shape.", nameof(other));
        }

        if (DType != other.DType || Device.type != other.Device.type)
        {
            throw new ArgumentException($"The other Jacobian must be {DType} on {Device}, not {other.DType} on {other.Device}.", nameof(other));
        }
    }

    /// <exception cref="ArgumentException">The number of scales is not the number of blocks, or one is negative or not finite.</exception>
    internal void CheckScales(ReadOnlySpan<double> scales)
    {
        if (scales.Length != Spec.Blocks.Length)
        {
            throw new ArgumentException($"The network has {Spec.Blocks.Length} parameter blocks, but {scales.Length} scales were given.");
        }

        foreach (double scale in scales)
        {
            if (!double.IsFinite(scale) || scale < 0)
            {
                throw new ArgumentException($"A prior scale must be finite and not negative, but is {scale}.");
            }
        }
    }
}
