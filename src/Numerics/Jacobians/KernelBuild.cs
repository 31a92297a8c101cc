using System.Collections.Immutable;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// One kernel, sum_b theta_b J_b J'_b^T: first all sites that go tile by tile, every tile once for all of them; then the sites whose rows are
/// formed, one panel of columns at a time, as products onto the result. Of a symmetric kernel only what is on and below the diagonal.
/// </summary>
internal sealed class KernelBuild
{
    private const int LeastPanelRows = 256;

    /// <summary>Up to this size nothing of a symmetric kernel is left out, neither of tiles nor of panels.</summary>
    private const int WholeRows = LeastPanelRows < KernelTiling.TileRows ? LeastPanelRows : KernelTiling.TileRows;

    private readonly JacobianFactors _left;
    private readonly JacobianFactors _right;
    private readonly SiteScales _scales;
    private readonly bool _symmetric;
    private readonly List<(JacobianSite Left, JacobianSite Right)> _tiles = [];
    private readonly List<(IRowPanels Left, IRowPanels Right)> _panels = [];

    internal KernelBuild(JacobianFactors left, JacobianFactors right, SiteScales scales)
    {
        _left = left;
        _right = right;
        _scales = scales;
        _symmetric = ReferenceEquals(left, right);
        for (int s = 0; s < left.Sites.Length; s++)
        {
            (JacobianSite l, JacobianSite r) = (left.Sites[s], right.Sites[s]);
            if (l.IsFrozen(scales.Theta))
            {
                continue;
            }

            if (l is IRowPanels panels && !(l is PositionSite position && position.PrefersPairs(right.Rows)))
            {
                _panels.Add((panels, (IRowPanels)r));
            }
            else
            {
                _tiles.Add((l, r));
            }
        }
    }

    /// <summary>The result, in the caller's dispose scope, as are intermediates.</summary>
    internal torch.Tensor Run()
    {
        ITileKernel[] kernels = Kernels();
        if (kernels.Length > 0 && Math.Max(_left.Count, _right.Count) <= WholeRows)
        {
            torch.Tensor whole = kernels.Aggregate((torch.Tensor?)null, (sum, kernel) => kernel.AddWhole(sum))!;
            AddPanels(whole);
            return whole;
        }

        torch.Tensor result = torch.empty(_left.Count, _right.Count, dtype: _left.DType, device: _left.Device);
        Fill(result, kernels);
        return result;
    }

    /// <summary>The same into a matrix that is there, [N, N'], perhaps a part of a larger one. Intermediates are in the caller's dispose scope.</summary>
    internal void RunInto(torch.Tensor target) => Fill(target, Kernels());

    private ITileKernel[] Kernels() => [.. _tiles.Select(pair => ((TileSite)pair.Left).Kernel(pair.Right, _scales))];

    private void Fill(torch.Tensor result, ITileKernel[] kernels)
    {
        if (kernels.Length == 0)
        {
            result.zero_();
        }
        else
        {
            AddTiles(result, kernels);
        }

        AddPanels(result);
        if (_symmetric && _left.Count > WholeRows)
        {
            Mirror(result);
        }
    }

    private void AddPanels(torch.Tensor result)
    {
        foreach ((IRowPanels left, IRowPanels right) in _panels)
        {
            AddPanels(result, left, right);
        }
    }

    private void AddTiles(torch.Tensor result, ITileKernel[] kernels)
    {
        long c = _left.Outputs;
        using var tiling = new KernelTiling(_left.Outputs, _left.DType, _left.Device);
        for (int i = 0; i < _left.Rows; i += tiling.Rows)
        {
            int r = Math.Min(tiling.Rows, _left.Rows - i);
            int end = _symmetric ? i + r : _right.Rows;
            for (int j = 0; j < end; j += tiling.Columns)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                int s = Math.Min(tiling.Columns, end - j);
                torch.Tensor tile = result.narrow(0, i * c, r * c).narrow(1, j * c, s * c);
                for (int k = 0; k < kernels.Length; k++)
                {
                    kernels[k].AddTo(tile, i, r, j, s, tiling, first: k == 0);
                }
            }
        }
    }

    private void AddPanels(torch.Tensor result, IRowPanels left, IRowPanels right)
    {
        int count = Math.Max(_left.Count, _right.Count);
        for (int p = 0; p < left.Panels(count); p++)
        {
            ImmutableArray<PanelRun> runs = left.Runs(p, count);
            if (runs.All(run => _scales.Theta[run.Block] == 0))
            {
                continue;
            }

            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor a = left.Panel(p, count);
            torch.Tensor b = _symmetric ? a : right.Panel(p, count);

            // The scales multiply one side: a product's own factor is fp32 in TorchSharp.
            AddProduct(result, a * ColumnScales(runs), b);
        }
    }

    // Of a symmetric kernel in panels of rows up to the diagonal: the part above it, inside the panels on it, is computed in vain.
    private void AddProduct(torch.Tensor result, torch.Tensor a, torch.Tensor b)
    {
        long n = a.shape[0];
        long step = _symmetric ? Math.Max(LeastPanelRows, (n + 7) / 8) : n;
        for (long i = 0; i < n; i += step)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            long r = Math.Min(step, n - i);
            long s = _symmetric ? i + r : b.shape[0];
            torch.Tensor target = result.narrow(0, i, r).narrow(1, 0, s);
            target.addmm_(a.narrow(0, i, r), b.narrow(0, 0, s).t(), 1, 1);
        }
    }

    private torch.Tensor ColumnScales(ImmutableArray<PanelRun> runs)
    {
        var values = new double[runs.Sum(run => run.Count)];
        foreach (PanelRun run in runs)
        {
            values.AsSpan(run.Start, run.Count).Fill(_scales.Theta[run.Block]);
        }

        return TensorInterop.FromDoubles(values, [values.Length], _left.DType, _left.Device);
    }

    private static void Mirror(torch.Tensor result)
    {
        const int Step = 512;
        long n = result.shape[0];
        for (long i = 0; i < n; i += Step)
        {
            long r = Math.Min(Step, n - i);
            for (long j = 0; j <= i; j += Step)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                long s = Math.Min(Step, n - j);
                torch.Tensor tile = result.narrow(0, i, r).narrow(1, j, s);
                if (j < i)
                {
                    result.narrow(0, j, s).narrow(1, i, r).copy_(tile.t());
                }
                else if (r > 1)
                {
                    torch.Tensor lower = tile.tril(-1);
                    tile.tril_().add_(lower.t(), Scalars.One);
                }
            }
        }
    }
}
