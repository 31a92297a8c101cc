using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>sum(W o J_b J_b^T) for every block b, W symmetric: tile by tile, or as products with panels of rows.</summary>
internal sealed class KernelContraction(JacobianFactors factors, torch.Tensor weights)
{
    /// <summary>The result, in the caller's dispose scope, as are intermediates.</summary>
    internal torch.Tensor Run()
    {
        torch.Tensor result = torch.zeros(factors.Spec.Blocks.Length, dtype: factors.DType, device: factors.Device);
        var tiles = new List<(JacobianSite Site, ITileKernel Kernel, torch.Tensor Sums)>();
        foreach (JacobianSite site in factors.Sites)
        {
            if (site is IRowPanels panels && !(site is PositionSite position && position.PrefersPairs(factors.Rows)))
            {
                AddPanels(result, panels);
            }
            else
            {
                torch.Tensor sums = torch.zeros(site.Plan.Blocks.Length, dtype: factors.DType, device: factors.Device);
                tiles.Add((site, ((TileSite)site).Kernel(site, null), sums));
            }
        }

        AddTiles(tiles);
        foreach ((JacobianSite site, _, torch.Tensor sums) in tiles)
        {
            JacobianFactors.AddToBlocks(result, site, sums);
        }

        return result;
    }

    private void AddTiles(List<(JacobianSite Site, ITileKernel Kernel, torch.Tensor Sums)> tiles)
    {
        if (tiles.Count == 0)
        {
            return;
        }

        long c = factors.Outputs;
        using var tiling = new KernelTiling(factors.Outputs, factors.DType, factors.Device);
        for (int i = 0; i < factors.Rows; i += tiling.Rows)
        {
            int r = Math.Min(tiling.Rows, factors.Rows - i);
            for (int j = 0; j <= i; j += j < i ? Math.Min(tiling.Columns, i - j) : r)
            {
                int s = j < i ? Math.Min(tiling.Columns, i - j) : r;
                using DisposeScope scope = torch.NewDisposeScope();
                torch.Tensor tile = r == factors.Rows ? weights : weights.narrow(0, i * c, r * c).narrow(1, j * c, s * c);
                foreach ((_, ITileKernel kernel, torch.Tensor sums) in tiles)
                {
                    using DisposeScope inner = torch.NewDisposeScope();
                    kernel.Contract(tile, i, r, j, s, tiling, sums, i == j ? 1 : 2);
                }
            }
        }
    }

    // sum_ij W_ij r_i r_j per column: the column sums of (W R) o R.
    private void AddPanels(torch.Tensor result, IRowPanels panels)
    {
        for (int p = 0; p < panels.Panels(factors.Count); p++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor rows = panels.Panel(p, factors.Count);
            torch.Tensor sums = torch.mm(weights, rows).mul_(rows).sum(dim: 0);
            foreach (PanelRun run in panels.Runs(p, factors.Count))
            {
                result.narrow(0, run.Block, 1).add_(sums.narrow(0, run.Start, run.Count).reshape(-1).sum(dim: 0), Scalars.One);
            }
        }
    }
}
