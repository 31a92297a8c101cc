using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// A linear map at one position: row (i, o) of the weight block is the outer product G[i,o,:] (x) A[i,:], that of the bias block is G[i,o,:].
/// A column of ones after A makes the bias one more input, so both blocks are one product.
/// </summary>
internal sealed class DenseSite : TileSite
{
    private readonly int _width; // d_in, without the column of ones

    internal DenseSite(SitePlan plan, NetworkSpec spec, torch.Tensor reads, torch.Tensor cotangents, int outputs)
        : base(plan, spec, (int)reads.shape[0], outputs)
    {
        _width = plan.Inner - (plan.Blocks.Length - 1);
        Reads = TensorInterop.Own(reads);
        Cotangents = TensorInterop.Own(cotangents);
    }

    /// <summary>A, with a last column of ones if there is a bias, [n, d_in (+ 1)].</summary>
    internal torch.Tensor Reads { get; }

    /// <summary>G, [n c, d_out], row index i c + o.</summary>
    internal torch.Tensor Cotangents { get; }

    internal override long Numbers => Reads.numel() + Cotangents.numel();

    private int Outer => Plan.Outer;

    private bool HasBias => Plan.Blocks.Length == 2;

    public override void Dispose()
    {
        Reads.Dispose();
        Cotangents.Dispose();
    }

    internal override JacobianSite Slice(int start, int count) =>
        new DenseSite(Plan, Spec, Reads.narrow(0, start, count), Cotangents.narrow(0, (long)start * Outputs, (long)count * Outputs), Outputs);

    internal override JacobianSite OfOutput(int output) =>
        new DenseSite(Plan, Spec, Reads.alias(), Cotangents.view(Rows, Outputs, Outer).select(1, output), 1);

    internal override JacobianSite InDouble() =>
        new DenseSite(Plan, Spec, Reads.to(torch.ScalarType.Float64), Cotangents.to(torch.ScalarType.Float64), Outputs);

    /// <summary>2 n (d_in + 1 + c) d_out k flops.</summary>
    internal override void AddApply(torch.Tensor u, torch.Tensor result)
    {
        int k = (int)u.shape[1];
        int step = ColumnStep((long)Rows * Outer, k);
        for (int j = 0; j < k; j += step)
        {
            int width = Math.Min(step, k - j);
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor columns = u.narrow(1, j, width);
            // Direction by direction, so that what is summed over lies side by side.
            torch.Tensor weight = BlockOf(columns, 0).view(Outer, _width, width).permute(1, 2, 0).reshape(_width, (long)width * Outer);
            torch.Tensor map = HasBias ? torch.cat([weight, BlockOf(columns, 1).t().reshape(1, (long)width * Outer)], dim: 0) : weight;
            torch.Tensor pushed = torch.mm(Reads, map).view(Rows, width, Outer);
            torch.Tensor g = Cotangents.view(Rows, Outputs, Outer);
            result.narrow(1, j, width).add_(Outputs == 1
                ? pushed.mul_(g).sum(dim: 2)
                : torch.bmm(g, pushed.transpose(1, 2)).view(Count, width), Scalars.One);
        }
    }

    internal override void ApplyTranspose(torch.Tensor v, torch.Tensor result)
    {
        int k = (int)v.shape[1];
        int step = ColumnStep((long)Rows * Outer, k);
        for (int j = 0; j < k; j += step)
        {
            int width = Math.Min(step, k - j);
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor columns = v.narrow(1, j, width).reshape(Rows, Outputs, width);
            torch.Tensor g = Cotangents.view(Rows, Outputs, Outer);
            torch.Tensor pulled = Outputs == 1 ? g * columns.view(Rows, width, 1) : torch.bmm(columns.transpose(1, 2), g);
            torch.Tensor both = torch.mm(pulled.reshape(Rows, (long)width * Outer).t(), Reads).view(width, Outer, Plan.Inner);
            BlockOf(result, 0).narrow(1, j, width).copy_(both.narrow(2, 0, _width).reshape(width, Block(0).Count).t());
            if (HasBias)
            {
                BlockOf(result, 1).narrow(1, j, width).copy_(both.select(2, _width).t());
            }
        }
    }

    internal override void CopyRows(torch.Tensor dense)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor g = Cotangents.view(Rows, Outputs, Outer, 1);
        torch.Tensor a = Reads.narrow(1, 0, _width).view(Rows, 1, 1, _width);
        dense.narrow(1, Block(0).Offset, Block(0).Count).copy_((g * a).view(Count, Block(0).Count));
        if (HasBias)
        {
            dense.narrow(1, Block(1).Offset, Block(1).Count).copy_(Cotangents);
        }
    }

    internal override void AddDiagonal(torch.Tensor diagonal, SiteScales scales)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor inner = Reads.square().mv(scales.Columns(Plan));
        torch.Tensor outer = Cotangents.square().sum(dim: 1).view(Rows, Outputs);
        diagonal.addcmul_(inner.view(Rows, 1), outer, Scalars.One);
    }

    internal override torch.Tensor Traces()
    {
        torch.Tensor outer = Cotangents.square().sum(dim: 1).view(Rows, Outputs).sum(dim: 1);
        return ByBlock(torch.mv(Reads.square().t(), outer));
    }

    /// <summary>Writes the blocks' kernels within each of some runs of rows, [B, T, n c, n c]: two batched products.</summary>
    internal void CopyBlockGrams(torch.Tensor result, int tasks)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int n = Rows / tasks;
        torch.Tensor a = Reads.view(tasks, n, Plan.Inner).narrow(2, 0, _width);
        torch.Tensor g = Cotangents.view(tasks, (long)n * Outputs, Outer);
        torch.Tensor inner = torch.bmm(a, a.transpose(1, 2)).view(tasks, n, 1, n, 1);
        torch.Tensor outer = torch.bmm(g, g.transpose(1, 2)).view(tasks, n, Outputs, n, Outputs);
        if (HasBias)
        {
            result.select(0, Plan.Blocks[1]).view(tasks, n, Outputs, n, Outputs).copy_(outer);
        }

        result.select(0, Plan.Blocks[0]).view(tasks, n, Outputs, n, Outputs).copy_(outer.mul_(inner));
    }

    /// <summary>Adds theta J J'^T within each of some runs of rows to a sum, [T, n c, m c], or gives it where there is none yet.</summary>
    internal torch.Tensor AddGrams(torch.Tensor? sum, DenseSite other, int tasks, SiteScales scales)
    {
        (long n, long m, long c) = (Rows / tasks, other.Rows / tasks, Outputs);
        torch.Tensor scaled = Reads * scales.Columns(Plan);
        if (Outer == 1 && c == 1)
        {
            // One column of G: one product of the rows g_i a_i.
            torch.Tensor left = scaled.mul_(Cotangents).view(tasks, n, Plan.Inner);
            torch.Tensor right = (other.Reads * other.Cotangents).view(tasks, m, Plan.Inner);
            torch.Tensor product = torch.bmm(left, right.transpose(1, 2));
            return sum?.add_(product, Scalars.One) ?? product;
        }

        torch.Tensor inner = torch.bmm(scaled.view(tasks, n, Plan.Inner), other.Reads.view(tasks, m, Plan.Inner).transpose(1, 2));
        torch.Tensor outer = torch.bmm(Cotangents.view(tasks, n * c, Outer), other.Cotangents.view(tasks, m * c, Outer).transpose(1, 2));
        if (c == 1)
        {
            return sum?.addcmul_(outer, inner, Scalars.One) ?? outer.mul_(inner);
        }

        inner = inner.view(tasks, n, 1, m, 1);
        outer = outer.view(tasks, n, c, m, c);
        return (sum?.view(tasks, n, c, m, c).addcmul_(outer, inner, Scalars.One) ?? outer.mul_(inner)).view(tasks, n * c, m * c);
    }

    internal override ITileKernel Kernel(JacobianSite other, SiteScales? scales) =>
        new Tile(this, (DenseSite)other, scales is null ? Reads : Reads * scales.Columns(Plan), scales is not null && Outer == 1 && Outputs == 1);

    // Sums over the columns of what is read: the last is the bias's, the others the weight's.
    private torch.Tensor ByBlock(torch.Tensor columns) => HasBias
        ? torch.cat([columns.narrow(0, 0, _width).sum(dim: 0, keepdim: true), columns.narrow(0, _width, 1)], dim: 0)
        : columns.sum(dim: 0, keepdim: true);

    // (A diag(theta) A'^T) o (G G'^T). Where G is one column, that is one product of the rows g_i a_i.
    private sealed class Tile(DenseSite site, DenseSite other, torch.Tensor scaled, bool isOneProduct) : ITileKernel
    {
        private readonly torch.Tensor? _left = isOneProduct ? scaled * site.Cotangents : null;
        private readonly torch.Tensor? _right = isOneProduct ? other.Reads * other.Cotangents : null;

        public torch.Tensor AddWhole(torch.Tensor? sum)
        {
            if (_left is not null)
            {
                return sum?.addmm_(_left, _right!.t(), 1, 1) ?? torch.mm(_left, _right!.t());
            }

            long c = site.Outputs;
            torch.Tensor inner = torch.mm(scaled, other.Reads.t());
            torch.Tensor outer = torch.mm(site.Cotangents, other.Cotangents.t());
            if (c > 1)
            {
                inner = inner.view(site.Rows, 1, other.Rows, 1);
                outer = outer.view(site.Rows, c, other.Rows, c);
                sum = sum?.view(site.Rows, c, other.Rows, c);
            }

            torch.Tensor whole = sum?.addcmul_(outer, inner, Scalars.One) ?? outer.mul_(inner);
            return c > 1 ? whole.view(site.Count, other.Count) : whole;
        }

        public void AddTo(torch.Tensor tile, int i, int r, int j, int s, KernelTiling buffers, bool first)
        {
            if (_left is not null)
            {
                tile.addmm_(_left.narrow(0, i, r), _right!.narrow(0, j, s).t(), first ? 0 : 1, 1);
                return;
            }

            long c = site.Outputs;
            torch.Tensor inner = buffers.Inner(scaled.narrow(0, i, r), other.Reads.narrow(0, j, s));
            torch.Tensor outer = buffers.Outer(site.Cotangents.narrow(0, i * c, r * c), other.Cotangents.narrow(0, j * c, s * c));
            if (c == 1)
            {
                Add(tile, inner, outer, first);
            }
            else
            {
                Add(tile.view(r, c, s, c), inner.view(r, 1, s, 1), outer.view(r, c, s, c), first);
            }
        }

        // sum_ij V_ij a_i a_j^T over a tile's V = W o G G^T: its diagonal's first d_in numbers belong to the weight, the last to the bias.
        public void Contract(torch.Tensor weights, int i, int r, int j, int s, KernelTiling buffers, torch.Tensor sums, double factor)
        {
            long c = site.Outputs;
            bool whole = r == site.Rows && s == other.Rows;
            torch.Tensor v = whole
                ? torch.mm(site.Cotangents, other.Cotangents.t())
                : buffers.Outer(site.Cotangents.narrow(0, i * c, r * c), other.Cotangents.narrow(0, j * c, s * c));
            v.mul_(weights);
            if (c > 1)
            {
                v = v.view(r, c, s, c).sum([1L, 3L]);
            }

            torch.Tensor pushed = whole
                ? torch.mm(v, other.Reads).mul_(site.Reads)
                : torch.mm(v, other.Reads.narrow(0, j, s)).mul_(site.Reads.narrow(0, i, r));
            sums.add_(site.ByBlock(pushed.sum(dim: 0)), factor);
        }

        private static void Add(torch.Tensor tile, torch.Tensor inner, torch.Tensor outer, bool first)
        {
            if (first)
            {
                tile.copy_(outer.mul_(inner));
            }
            else
            {
                tile.addcmul_(outer, inner, Scalars.One);
            }
        }
    }
}
