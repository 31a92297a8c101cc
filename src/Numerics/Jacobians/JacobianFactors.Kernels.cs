using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <content>Kernels: sums over blocks of theta_b J_b J_b'^T.</content>
public sealed partial class JacobianFactors
{
    /// <summary>
    /// K = sum_b theta_b J_b J_b^T. Only the tiles on and below the diagonal are computed, the rest is mirrored;
    /// n^2 sum(d_in + c^2 d_out) multiply-adds for large n. Symmetric to rounding.
    /// </summary>
    /// <param name="blockScales">theta, length B, not negative.</param>
    /// <returns>[N, N]; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The number of scales is not the number of blocks, or one is negative or not finite.</exception>
    public torch.Tensor Gram(ReadOnlySpan<double> blockScales)
    {
        CheckScales(blockScales);
        return Rows <= KernelTiling.RowsPerTile(Outputs) ? SingleTile(this, blockScales) : Tiled(this, blockScales, symmetric: true);
    }

    /// <summary>sum_b theta_b J_b J'_b^T with the rows of <paramref name="other"/>.</summary>
    /// <param name="other">Factors of the same network, N' rows, same dtype and device.</param>
    /// <param name="blockScales">theta, length B, not negative.</param>
    /// <returns>[N, N']; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The factors belong to another network or dtype, or the scales are out of range.</exception>
    public torch.Tensor CrossGram(JacobianFactors other, ReadOnlySpan<double> blockScales)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!ReferenceEquals(Spec, other.Spec) && !Spec.Equals(other.Spec))
        {
            throw new ArgumentException("The two Jacobians belong to networks of different shape.", nameof(other));
        }

        if (DType != other.DType || Device.type != other.Device.type)
        {
            throw new ArgumentException($"The other Jacobian must be {DType} on {Device}, not {other.DType} on {other.Device}.", nameof(other));
        }

        CheckScales(blockScales);
        int tile = KernelTiling.RowsPerTile(Outputs);
        return Rows <= tile && other.Rows <= tile ? SingleTile(other, blockScales) : Tiled(other, blockScales, symmetric: false);
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

    /// <summary>The diagonal of <see cref="Gram"/>, without the rest.</summary>
    /// <param name="blockScales">theta, length B, not negative.</param>
    /// <returns>[N]; the caller disposes it.</returns>
    public torch.Tensor Diagonal(ReadOnlySpan<double> blockScales)
    {
        CheckScales(blockScales);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor scales = ColumnScales(blockScales);
        torch.Tensor result = torch.zeros(Rows, Outputs, dtype: DType, device: Device);
        long offset = 0;
        foreach (DenseSite site in _sites)
        {
            torch.Tensor inner = ScaledSquares(site.Reads, scales.narrow(0, offset, site.InputWidth + 1));
            torch.Tensor outer = site.Cotangents.square().sum(dim: 1).view(Rows, Outputs);
            result.addcmul_(inner.view(Rows, 1), outer, 1);
            offset += site.InputWidth + 1;
        }

        return TensorInterop.Return(result.view(Count));
    }

    /// <summary>
    /// sum(W o J_b J_b^T) for every block b, without keeping a block's kernel. Costs what <see cref="Gram"/> costs.
    /// With W = alpha alpha^T - C^-1 this is the gradient of the evidence.
    /// </summary>
    /// <param name="weights">W, [N, N], symmetric (only the tiles on and below the diagonal are read), same dtype and device. Not changed.</param>
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
        var tiling = new KernelTiling(Outputs, Rows, Rows, DType, Device);
        var columns = Array.ConvertAll(_sites, s => torch.zeros(s.InputWidth + 1, dtype: DType, device: Device));
        for (int i = 0; i < Rows; i += tiling.Rows)
        {
            for (int j = 0; j <= i; j += tiling.Columns)
            {
                AddContraction(tiling, weights, i, j, columns);
            }
        }

        var parts = new List<torch.Tensor>(2 * columns.Length);
        foreach (torch.Tensor sums in columns)
        {
            long width = sums.shape[0] - 1;
            parts.Add(sums.narrow(0, 0, width).sum(dim: 0, keepdim: true));
            parts.Add(sums.narrow(0, width, 1));
        }

        return TensorInterop.Return(torch.cat(parts, dim: 0));
    }

    /// <summary>The trace of every block's kernel, tr(J_b J_b^T), [B]; the caller disposes it.</summary>
    public torch.Tensor BlockTraces()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var parts = new List<torch.Tensor>(2 * _sites.Length);
        foreach (DenseSite site in _sites)
        {
            torch.Tensor outer = site.Cotangents.square().sum(dim: 1).view(Rows, Outputs).sum(dim: 1);
            torch.Tensor sums = torch.mv(site.Reads.square().t(), outer);
            parts.Add(sums.narrow(0, 0, site.InputWidth).sum(dim: 0, keepdim: true));
            parts.Add(sums.narrow(0, site.InputWidth, 1));
        }

        return TensorInterop.Return(torch.cat(parts, dim: 0));
    }

    private static torch.Tensor ScaledSquares(torch.Tensor reads, torch.Tensor scales) => reads.square().mv(scales);

    // sum_ij V_ij a_i a_j^T over a tile's V = W o G G^T: its diagonal's first d_in numbers belong to the weight, the last to the bias.
    private void AddContraction(KernelTiling tiling, torch.Tensor weights, int i, int j, torch.Tensor[] columns)
    {
        long c = Outputs;
        int r = Math.Min(tiling.Rows, Rows - i);
        int s = Math.Min(tiling.Columns, Rows - j);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor tile = weights.narrow(0, i * c, r * c).narrow(1, j * c, s * c);
        for (int site = 0; site < _sites.Length; site++)
        {
            using DisposeScope inner = torch.NewDisposeScope();
            DenseSite f = _sites[site];
            torch.Tensor v = tiling.OuterProduct(f.Cotangents.narrow(0, i * c, r * c), f.Cotangents.narrow(0, j * c, s * c)).mul_(tile);
            if (c > 1)
            {
                v = v.view(r, c, s, c).sum([1L, 3L]);
            }

            torch.Tensor pushed = torch.mm(v, f.Reads.narrow(0, j, s)).mul_(f.Reads.narrow(0, i, r));
            columns[site].add_(pushed.sum(dim: 0), i == j ? 1 : 2);
        }
    }

    private torch.Tensor SingleTile(JacobianFactors other, ReadOnlySpan<double> blockScales)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor scales = ColumnScales(blockScales);
        torch.Tensor? result = null;
        long offset = 0;
        for (int s = 0; s < _sites.Length; s++)
        {
            DenseSite site = _sites[s];
            DenseSite match = other._sites[s];
            long width = site.InputWidth + 1;
            if (!IsFrozen(site, blockScales))
            {
                torch.Tensor inner = torch.mm(site.Reads * scales.narrow(0, offset, width), match.Reads.t());
                torch.Tensor outer = torch.mm(site.Cotangents, match.Cotangents.t());
                if (Outputs > 1)
                {
                    inner = inner.view(Rows, 1, other.Rows, 1);
                    outer = outer.view(Rows, Outputs, other.Rows, Outputs);
                }

                result = result is null ? outer.mul_(inner) : result.addcmul_(outer, inner, 1);
            }

            offset += width;
        }

        result = result?.view(Count, other.Count) ?? torch.zeros(Count, other.Count, dtype: DType, device: Device);
        return TensorInterop.Return(result);
    }

    private torch.Tensor Tiled(JacobianFactors other, ReadOnlySpan<double> blockScales, bool symmetric)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        long c = Outputs;
        torch.Tensor result = torch.zeros(Count, other.Count, dtype: DType, device: Device);
        torch.Tensor scales = ColumnScales(blockScales);
        bool[] frozen = new bool[_sites.Length];
        var scaled = new torch.Tensor[_sites.Length];
        long offset = 0;
        for (int s = 0; s < _sites.Length; s++)
        {
            long width = _sites[s].InputWidth + 1;
            frozen[s] = IsFrozen(_sites[s], blockScales);
            scaled[s] = _sites[s].Reads * scales.narrow(0, offset, width);
            offset += width;
        }

        var tiling = new KernelTiling(Outputs, Rows, other.Rows, DType, Device);
        for (int i = 0; i < Rows; i += tiling.Rows)
        {
            int r = Math.Min(tiling.Rows, Rows - i);
            for (int j = 0; j < (symmetric ? i + 1 : other.Rows); j += tiling.Columns)
            {
                using DisposeScope inner = torch.NewDisposeScope();
                int w = Math.Min(tiling.Columns, other.Rows - j);
                torch.Tensor tile = result.narrow(0, i * c, r * c).narrow(1, j * c, w * c);
                for (int s = 0; s < _sites.Length; s++)
                {
                    if (!frozen[s])
                    {
                        DenseSite match = other._sites[s];
                        tiling.Accumulate(tile, scaled[s].narrow(0, i, r), _sites[s].Cotangents.narrow(0, i * c, r * c), match.Reads.narrow(0, j, w), match.Cotangents.narrow(0, j * c, w * c));
                    }
                }

                if (symmetric && j < i)
                {
                    result.narrow(0, j * c, w * c).narrow(1, i * c, r * c).copy_(tile.t());
                }
            }
        }

        return TensorInterop.Return(result);
    }

    private static bool IsFrozen(DenseSite site, ReadOnlySpan<double> scales) => scales[site.WeightBlock] == 0 && scales[site.BiasBlock] == 0;

    // One number per column of every site's reads: theta of the weight, and of the bias for the last. [sum(d_in + 1)].
    private torch.Tensor ColumnScales(ReadOnlySpan<double> blockScales)
    {
        var values = new double[_sites.Sum(s => s.InputWidth + 1)];
        int offset = 0;
        foreach (DenseSite site in _sites)
        {
            values.AsSpan(offset, site.InputWidth).Fill(blockScales[site.WeightBlock]);
            values[offset + site.InputWidth] = blockScales[site.BiasBlock];
            offset += site.InputWidth + 1;
        }

        return TensorInterop.FromDoubles(values, [values.Length], DType, Device);
    }

    private void CheckScales(ReadOnlySpan<double> scales)
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
