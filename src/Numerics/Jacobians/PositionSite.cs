using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The weight of a linear map at T positions (a sequence, a convolution's patches, a weight that is used T times): row (i, o) is
/// sum_t G[i,o,:,t] (x) A[i,t,:]. A kernel's part is computed in the cheaper of two ways, by n: the rows are formed, some output channels at
/// a time so that no position is done twice, and multiplied; or all pairs of positions are contracted, sum_ts (A_t A'_s^T) o (G_t G'_s^T).
/// </summary>
/// <remarks>Novak, Sohl-Dickstein and Schoenholz, ICML 2022: Jacobian contraction and NTK-vector products per primitive, the cheaper of them.</remarks>
internal sealed class PositionSite : TileSite, IRowPanels
{
    /// <summary>What an elementwise operation on a pair of positions costs, in multiply-adds at the speed of a product: it runs at the memory's speed.</summary>
    private const double PairOverhead = 24;

    private readonly Patches _patches;
    private readonly torch.Tensor _cotangents; // [n, c, d_out, T]

    internal PositionSite(SitePlan plan, NetworkSpec spec, Patches patches, torch.Tensor cotangents)
        : base(plan, spec, (int)cotangents.shape[0], (int)cotangents.shape[1])
    {
        _patches = patches;
        _cotangents = TensorInterop.Own(cotangents);
    }

    public int Panels(int count) => (Plan.Outer + PanelOuter(count) - 1) / PanelOuter(count);

    internal override long Numbers => _patches.Numbers + _cotangents.numel();

    // Output channels of a panel: its rows keep to the budget where n allows it.
    private int PanelOuter(int count) => (int)Math.Clamp(ProductBudget / 2 / Math.Max(1, (long)count * Plan.Inner), 1, Plan.Outer);

    private long T => Plan.Positions;

    public override void Dispose()
    {
        _patches.Dispose();
        _cotangents.Dispose();
    }

    public torch.Tensor Panel(int index, int count)
    {
        int start = index * PanelOuter(count);
        int outer = Math.Min(PanelOuter(count), Plan.Outer - start);
        if (ChunkRows >= Rows)
        {
            torch.Tensor cotangents = _cotangents.narrow(2, start, outer).reshape(Rows, (long)Outputs * outer, T);
            return torch.bmm(cotangents, _patches.At(0, Rows)).view(Count, (long)outer * Plan.Inner);
        }

        torch.Tensor rows = torch.empty(Rows, Outputs, outer, Plan.Inner, dtype: _cotangents.dtype, device: _cotangents.device);
        int step = ChunkRows;
        for (int i = 0; i < Rows; i += step)
        {
            int part = Math.Min(step, Rows - i);
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor g = _cotangents.narrow(0, i, part).narrow(2, start, outer).reshape(part, (long)Outputs * outer, T);
            rows.narrow(0, i, part).copy_(torch.bmm(g, _patches.At(i, part)).view(part, Outputs, outer, Plan.Inner));
        }

        return rows.view(Count, (long)outer * Plan.Inner);
    }

    public ImmutableArray<PanelRun> Runs(int index, int count) =>
        [new PanelRun(Plan.Blocks[0], 0, Math.Min(PanelOuter(count), Plan.Outer - (index * PanelOuter(count))) * Plan.Inner)];

    internal static double PairCost(SitePlan plan, int outputs)
    {
        double c2 = (double)outputs * outputs;
        return plan.Positions * (double)plan.Positions * (plan.Inner + (c2 * plan.Outer) + (PairOverhead * c2));
    }

    internal static double RowCost(SitePlan plan, int outputs, double rows, double others)
    {
        double size = (double)plan.Inner * plan.Outer;
        double forming = (rows + others) * outputs * plan.Positions * size / (rows * others);
        return forming + ((double)outputs * outputs * size);
    }

    /// <summary>Whether pairs of positions are the cheaper way for a kernel with so many other inputs.</summary>
    internal bool PrefersPairs(int others) => PairCost(Plan, Outputs) < RowCost(Plan, Outputs, Rows, others);

    internal override JacobianSite Slice(int start, int count) =>
        new PositionSite(Plan, Spec, _patches.Slice(start, count), _cotangents.narrow(0, start, count));

    internal override JacobianSite OfOutput(int output) =>
        new PositionSite(Plan, Spec, _patches.Slice(0, Rows), _cotangents.narrow(1, output, 1));

    internal override JacobianSite InDouble() => new PositionSite(Plan, Spec, _patches.InDouble(), _cotangents.to(torch.ScalarType.Float64));

    internal override void AddApply(torch.Tensor u, torch.Tensor result)
    {
        int k = (int)u.shape[1];
        torch.Tensor target = result.view(Rows, Outputs, k);
        int step = ChunkRowsFor(k);
        for (int i = 0; i < Rows; i += step)
        {
            int count = Math.Min(step, Rows - i);
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor map = BlockOf(u, 0).view(Plan.Outer, Plan.Inner, k).permute(1, 0, 2).reshape(Plan.Inner, Plan.Outer * (long)k);
            torch.Tensor pushed = torch.mm(_patches.At(i, count).reshape(count * T, Plan.Inner), map);
            torch.Tensor byOuter = pushed.view(count, T, Plan.Outer, k).permute(0, 2, 1, 3).reshape(count, Plan.Outer * T, k);
            target.narrow(0, i, count).add_(torch.bmm(_cotangents.narrow(0, i, count).reshape(count, Outputs, Plan.Outer * T), byOuter), Scalars.One);
        }
    }

    internal override void ApplyTranspose(torch.Tensor v, torch.Tensor result)
    {
        int k = (int)v.shape[1];
        torch.Tensor target = BlockOf(result, 0).zero_();
        torch.Tensor columns = v.reshape(Rows, Outputs, k);
        int step = ChunkRowsFor(k);
        for (int i = 0; i < Rows; i += step)
        {
            int count = Math.Min(step, Rows - i);
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor g = _cotangents.narrow(0, i, count).reshape(count, Outputs, Plan.Outer * T);
            torch.Tensor pulled = torch.bmm(g.transpose(1, 2), columns.narrow(0, i, count)).view(count, Plan.Outer, T, k);
            torch.Tensor left = pulled.permute(1, 3, 0, 2).reshape(Plan.Outer * (long)k, count * T);
            torch.Tensor product = torch.mm(left, _patches.At(i, count).reshape(count * T, Plan.Inner));
            target.add_(product.view(Plan.Outer, k, Plan.Inner).transpose(1, 2).reshape(Block(0).Count, k), Scalars.One);
        }
    }

    internal override void CopyRows(torch.Tensor dense)
    {
        int column = Block(0).Offset;
        for (int p = 0; p < Panels(Count); p++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor panel = Panel(p, Count);
            dense.narrow(1, column, panel.shape[1]).copy_(panel);
            column += (int)panel.shape[1];
        }
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
        new Tile(this, (PositionSite)other, scales is null ? 1 : scales.Theta[Plan.Blocks[0]]);

    private int ChunkRows => ChunkRowsFor(1);

    private int ChunkRowsFor(int columns) =>
        (int)Math.Clamp(ProductBudget / Math.Max(1, T * (Plan.Inner + (Plan.Outer * (long)(columns + Outputs)))), 1, Rows);

    private torch.Tensor SquaredNorms()
    {
        torch.Tensor sums = torch.zeros(Rows, Outputs, dtype: _cotangents.dtype, device: _cotangents.device);
        for (int p = 0; p < Panels(Count); p++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            sums.add_(Panel(p, Count).square().sum(dim: 1).view(Rows, Outputs), Scalars.One);
        }

        return sums;
    }

    private sealed class Tile : ITileKernel
    {
        private readonly PositionSite _site;
        private readonly PositionSite _other;
        private readonly double _scale;
        private readonly torch.Tensor _reads; // [n T, d_in]
        private readonly torch.Tensor _otherReads;
        private readonly torch.Tensor _outer; // [n c T, d_out]
        private readonly torch.Tensor _otherOuter;
        private readonly int _rows; // inputs of a tile's part
        private readonly int _columns;

        internal Tile(PositionSite site, PositionSite other, double scale)
        {
            _site = site;
            _other = other;
            _scale = scale;
            _reads = Reads(site);
            _otherReads = ReferenceEquals(site, other) ? _reads : Reads(other);
            _outer = Outer(site);
            _otherOuter = ReferenceEquals(site, other) ? _outer : Outer(other);
            _rows = (int)Math.Max(1, KernelTiling.TileRows / (site.T * site.Outputs));
            _columns = (int)Math.Max(1, KernelTiling.TileColumns / (site.T * site.Outputs));
        }

        public torch.Tensor AddWhole(torch.Tensor? sum)
        {
            using var buffers = new KernelTiling(_site.Outputs, _reads.dtype, _reads.device);
            torch.Tensor whole = sum ?? torch.zeros(_site.Count, _other.Count, dtype: _reads.dtype, device: _reads.device);
            AddTo(whole, 0, _site.Rows, 0, _other.Rows, buffers, first: false);
            return whole;
        }

        public void AddTo(torch.Tensor tile, int i, int r, int j, int s, KernelTiling buffers, bool first) =>
            ForEachPart(i, r, j, s, (part, a, ra, b, sb) =>
            {
                long c = _site.Outputs;
                torch.Tensor target = tile.narrow(0, (a - i) * c, ra * c).narrow(1, (b - j) * c, sb * c);
                if (first)
                {
                    target.copy_(part.mul_(_scale));
                }
                else
                {
                    target.add_(part, _scale);
                }
            }, buffers);

        public void Contract(torch.Tensor weights, int i, int r, int j, int s, KernelTiling buffers, torch.Tensor sums, double factor) =>
            ForEachPart(i, r, j, s, (part, a, ra, b, sb) =>
            {
                long c = _site.Outputs;
                torch.Tensor w = weights.narrow(0, (a - i) * c, ra * c).narrow(1, (b - j) * c, sb * c);
                sums.add_(part.mul_(w).reshape(-1).sum(dim: 0), factor);
            }, buffers);

        private static torch.Tensor Reads(PositionSite site) => site._patches.At(0, site.Rows).reshape(site.Rows * site.T, site.Plan.Inner);

        private static torch.Tensor Outer(PositionSite site) => site._cotangents.transpose(2, 3).reshape(site.Count * site.T, site.Plan.Outer);

        private void ForEachPart(int i, int r, int j, int s, Action<torch.Tensor, int, int, int, int> body, KernelTiling buffers)
        {
            for (int a = i; a < i + r; a += _rows)
            {
                int ra = Math.Min(_rows, i + r - a);
                for (int b = j; b < j + s; b += _columns)
                {
                    int sb = Math.Min(_columns, j + s - b);
                    using DisposeScope scope = torch.NewDisposeScope();
                    body(Part(a, ra, b, sb, buffers), a, ra, b, sb);
                }
            }
        }

        // [r c, s c]: the products at all pairs of positions, multiplied and summed over the pairs.
        private torch.Tensor Part(int a, int ra, int b, int sb, KernelTiling buffers)
        {
            long t = _site.T;
            long c = _site.Outputs;
            torch.Tensor inner = buffers.Inner(_reads.narrow(0, a * t, ra * t), _otherReads.narrow(0, b * t, sb * t));
            torch.Tensor outer = buffers.Outer(_outer.narrow(0, a * c * t, ra * c * t), _otherOuter.narrow(0, b * c * t, sb * c * t));
            torch.Tensor both = outer.view(ra, c, t, sb, c, t).mul_(inner.view(ra, 1, t, sb, 1, t));

            // The outer positions first: that sum runs along memory, and leaves T times less for the other.
            return both.sum(dim: 2).sum(dim: -1).view(ra * c, sb * c);
        }
    }
}
