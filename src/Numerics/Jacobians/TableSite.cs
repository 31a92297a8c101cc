using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The table of an embedding with T look-ups per input: row (i, o) has G[i,o,t,:] added at the row of index[i,t]. A kernel's part is the sum over
/// pairs of look-ups of the same row of G_t G'_s^T; nothing as large as the table is ever made per input.
/// </summary>
internal sealed class TableSite : TileSite
{
    private readonly torch.Tensor _indices; // [n, T], Int64
    private readonly torch.Tensor _cotangents; // [n, c, T, width]

    internal TableSite(SitePlan plan, NetworkSpec spec, torch.Tensor indices, torch.Tensor cotangents)
        : base(plan, spec, (int)cotangents.shape[0], (int)cotangents.shape[1])
    {
        _indices = TensorInterop.Own(indices);
        _cotangents = TensorInterop.Own(cotangents);
    }

    // An index is as large as two fp32 numbers or one fp64 number.
    internal override long Numbers => _cotangents.numel() + (_indices.numel() * 8 / _cotangents.ElementSize);

    private long T => Plan.Positions;

    private long Width => Plan.Outer;

    public override void Dispose()
    {
        _indices.Dispose();
        _cotangents.Dispose();
    }

    internal override JacobianSite Slice(int start, int count) =>
        new TableSite(Plan, Spec, _indices.narrow(0, start, count), _cotangents.narrow(0, start, count));

    internal override JacobianSite OfOutput(int output) => new TableSite(Plan, Spec, _indices.alias(), _cotangents.narrow(1, output, 1));

    internal override JacobianSite InDouble() => new TableSite(Plan, Spec, _indices.alias(), _cotangents.to(torch.ScalarType.Float64));

    internal override void AddApply(torch.Tensor u, torch.Tensor result)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        long k = u.shape[1];
        torch.Tensor rows = BlockOf(u, 0).reshape(Plan.Inner, Width * k).index_select(0, _indices.reshape(-1)).view(Rows, T * Width, k);
        result.add_(torch.bmm(_cotangents.reshape(Rows, Outputs, T * Width), rows).view(Count, k), Scalars.One);
    }

    internal override void ApplyTranspose(torch.Tensor v, torch.Tensor result)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        long k = v.shape[1];
        torch.Tensor g = _cotangents.reshape(Rows, Outputs, T * Width);
        torch.Tensor pulled = torch.bmm(g.transpose(1, 2), v.reshape(Rows, Outputs, k)).view(Rows * T, Width * k);
        torch.Tensor table = torch.zeros(Plan.Inner, Width * k, dtype: v.dtype, device: v.device).index_add_(0, _indices.reshape(-1), pulled, 1);
        BlockOf(result, 0).copy_(table.view(Plan.Inner * Width, k));
    }

    internal override void CopyRows(torch.Tensor dense)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = torch.zeros((long)Count * Plan.Inner, Width, dtype: dense.dtype, device: dense.device);
        torch.Tensor row = torch.arange(Count, dtype: torch.ScalarType.Int64, device: dense.device).view(Rows, Outputs, 1) * Plan.Inner;
        torch.Tensor places = (row + _indices.view(Rows, 1, T)).view(-1);
        rows.index_add_(0, places, _cotangents.reshape(-1, Width), 1);
        dense.narrow(1, Block(0).Offset, Block(0).Count).copy_(rows.view(Count, Plan.Inner * Width));
    }

    internal override void AddDiagonal(torch.Tensor diagonal, SiteScales scales)
    {
        if (!IsFrozen(scales.Theta))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            diagonal.add_(SquaredNorms(), scales.Theta[Plan.Blocks[0]]);
        }
    }

    internal override torch.Tensor Traces() => SquaredNorms().reshape(-1).sum(dim: 0).view(1);

    internal override ITileKernel Kernel(JacobianSite other, SiteScales? scales) =>
        new Tile(this, (TableSite)other, scales is null ? 1 : scales.Theta[Plan.Blocks[0]]);

    // [n, c]: all pairs of an input's own look-ups.
    private torch.Tensor SquaredNorms()
    {
        torch.Tensor g = _cotangents.reshape((long)Rows * Outputs, T, Width);
        torch.Tensor same = _indices.unsqueeze(2).eq(_indices.unsqueeze(1)).to(g.dtype).view(Rows, 1, T, T);
        return (torch.bmm(g, g.transpose(1, 2)).view(Rows, Outputs, T, T) * same).sum([2L, 3L]);
    }

    private sealed class Tile(TableSite site, TableSite other, double scale) : ITileKernel
    {
        public torch.Tensor AddWhole(torch.Tensor? sum)
        {
            using var buffers = new KernelTiling(site.Outputs, site._cotangents.dtype, site._cotangents.device);
            torch.Tensor part = Part(0, site.Rows, 0, other.Rows, buffers);
            return sum?.add_(part, scale) ?? part.mul_(scale);
        }

        public void AddTo(torch.Tensor tile, int i, int r, int j, int s, KernelTiling buffers, bool first)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor part = Part(i, r, j, s, buffers);
            if (first)
            {
                tile.copy_(part.mul_(scale));
            }
            else
            {
                tile.add_(part, scale);
            }
        }

        public void Contract(torch.Tensor weights, int i, int r, int j, int s, KernelTiling buffers, torch.Tensor sums, double factor)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            sums.add_(Part(i, r, j, s, buffers).mul_(weights).reshape(-1).sum(dim: 0), factor);
        }

        // One pair of look-ups at a time: [r c, s c] and no larger.
        private torch.Tensor Part(int i, int r, int j, int s, KernelTiling buffers)
        {
            long c = site.Outputs;
            torch.Tensor sum = torch.zeros(r, c, s, c, dtype: site._cotangents.dtype, device: site._cotangents.device);
            torch.Tensor g = site._cotangents.narrow(0, i, r);
            torch.Tensor h = other._cotangents.narrow(0, j, s);
            for (long t = 0; t < site.T; t++)
            {
                for (long u = 0; u < site.T; u++)
                {
                    using DisposeScope scope = torch.NewDisposeScope();
                    torch.Tensor same = site._indices.narrow(0, i, r).select(1, t).unsqueeze(1).eq(other._indices.narrow(0, j, s).select(1, u).unsqueeze(0));
                    torch.Tensor product = buffers.Outer(g.select(2, t).reshape(r * c, site.Width), h.select(2, u).reshape(s * c, site.Width));
                    sum.addcmul_(product.view(r, c, s, c), same.to(sum.dtype).view(r, 1, s, 1), Scalars.One);
                }
            }

            return sum.view(r * c, s * c);
        }
    }
}
