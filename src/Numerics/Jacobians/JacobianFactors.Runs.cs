using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <content>Kernels of many small tasks whose rows lie one task after the other.</content>
public sealed partial class JacobianFactors
{
    /// <summary>sum_b theta_b J_b J'_b^T of each task's rows with the same task's rows of <paramref name="other"/>: nothing of one task with another.</summary>
    /// <param name="other">Factors of the same network; this object itself for symmetric kernels.</param>
    /// <param name="tasks">T; the rows are T n here and T m there.</param>
    /// <param name="blockScales">theta, length B, not negative.</param>
    /// <returns>[T, n c, m c]; the caller disposes it.</returns>
    internal torch.Tensor Grams(JacobianFactors other, int tasks, ReadOnlySpan<double> blockScales)
    {
        CheckOther(other);
        CheckScales(blockScales);
        using DisposeScope scope = torch.NewDisposeScope();
        var scales = new SiteScales(this, blockScales);
        torch.Tensor? sum = null;
        if (Array.TrueForAll(_sites, site => site is DenseSite))
        {
            for (int s = 0; s < _sites.Length; s++)
            {
                sum = _sites[s].IsFrozen(scales.Theta) ? sum : ((DenseSite)_sites[s]).AddGrams(sum, (DenseSite)other._sites[s], tasks, scales);
            }
        }
        else
        {
            sum = SlicedGrams(other, tasks, blockScales);
        }

        return TensorInterop.Return(sum ?? torch.zeros(tasks, Count / tasks, other.Count / tasks, dtype: DType, device: Device));
    }

    // Other sites choose their products by the number of rows: one task after the other.
    private torch.Tensor SlicedGrams(JacobianFactors other, int tasks, ReadOnlySpan<double> blockScales)
    {
        int n = Rows / tasks;
        int m = other.Rows / tasks;
        torch.Tensor result = torch.empty(tasks, (long)n * Outputs, (long)m * Outputs, dtype: DType, device: Device);
        for (int t = 0; t < tasks; t++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using JacobianFactors left = Slice(t * n, n);
            using JacobianFactors? right = ReferenceEquals(this, other) ? null : other.Slice(t * m, m);
            result.select(0, t).copy_(right is null ? left.Gram(blockScales) : left.CrossGram(right, blockScales));
        }

        return result;
    }
}
