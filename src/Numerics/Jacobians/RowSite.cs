using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Tensors;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The Jacobian's own columns of one or more blocks, [N, width]: where they are fewer numbers than factors would be (biases, norms, convolutions
/// with many positions and few channels), or where a parameter is used in ways that have no common factors. Blocks of several plans are kept
/// side by side, so that their part of a kernel is one product.
/// </summary>
internal sealed class RowSite : JacobianSite, IRowPanels
{
    private const int PanelColumns = 8192;
    private readonly torch.Tensor _rows;
    private readonly ImmutableArray<PanelRun> _runs;

    /// <param name="plan">Its plan: <see cref="SitePlan.Blocks"/> in the order of the columns.</param>
    /// <param name="spec">The network.</param>
    /// <param name="rows">[N, width].</param>
    /// <param name="outputs">c.</param>
    internal RowSite(SitePlan plan, NetworkSpec spec, torch.Tensor rows, int outputs)
        : base(plan, spec, (int)(rows.shape[0] / outputs), outputs)
    {
        _rows = TensorInterop.Own(rows);
        ImmutableArray<PanelRun>.Builder runs = ImmutableArray.CreateBuilder<PanelRun>(plan.Blocks.Length);
        int start = 0;
        foreach (int block in plan.Blocks)
        {
            runs.Add(new PanelRun(block, start, spec.Blocks[block].Count));
            start += spec.Blocks[block].Count;
        }

        _runs = runs.MoveToImmutable();
    }

    public int Panels(int count) => (int)((_rows.shape[1] + PanelColumns - 1) / PanelColumns);

    internal override long Numbers => _rows.numel();

    public override void Dispose() => _rows.Dispose();

    public torch.Tensor Panel(int index, int count) => _rows.narrow(1, (long)index * PanelColumns, Width(index));

    public ImmutableArray<PanelRun> Runs(int index, int count)
    {
        int start = index * PanelColumns;
        int end = start + Width(index);
        return
        [
            .. _runs.Where(run => run.Start < end && run.Start + run.Count > start)
                .Select(run => (run.Block, From: Math.Max(run.Start, start), To: Math.Min(run.Start + run.Count, end)))
                .Select(part => new PanelRun(part.Block, part.From - start, part.To - part.From)),
        ];
    }

    internal override JacobianSite Slice(int start, int count) =>
        new RowSite(Plan, Spec, _rows.narrow(0, (long)start * Outputs, (long)count * Outputs), Outputs);

    internal override JacobianSite OfOutput(int output) => new RowSite(Plan, Spec, _rows.view(Rows, Outputs, -1).select(1, output), 1);

    internal override JacobianSite InDouble() => new RowSite(Plan, Spec, _rows.to(torch.ScalarType.Float64), Outputs);

    internal override void AddApply(torch.Tensor u, torch.Tensor result)
    {
        foreach (PanelRun run in _runs)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            result.addmm_(_rows.narrow(1, run.Start, run.Count), u.narrow(0, Spec.Blocks[run.Block].Offset, run.Count), 1, 1);
        }
    }

    internal override void ApplyTranspose(torch.Tensor v, torch.Tensor result)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor pulled = torch.mm(_rows.t(), v);
        foreach (PanelRun run in _runs)
        {
            result.narrow(0, Spec.Blocks[run.Block].Offset, run.Count).copy_(pulled.narrow(0, run.Start, run.Count));
        }
    }

    internal override void CopyRows(torch.Tensor dense)
    {
        foreach (PanelRun run in _runs)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            dense.narrow(1, Spec.Blocks[run.Block].Offset, run.Count).copy_(_rows.narrow(1, run.Start, run.Count));
        }
    }

    internal override void AddDiagonal(torch.Tensor diagonal, SiteScales scales)
    {
        foreach (PanelRun run in _runs)
        {
            if (scales.Theta[run.Block] != 0)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                diagonal.add_(_rows.narrow(1, run.Start, run.Count).square().sum(dim: 1).view(Rows, Outputs), scales.Theta[run.Block]);
            }
        }
    }

    internal override torch.Tensor Traces() => torch.stack([.. _runs.Select(run => _rows.narrow(1, run.Start, run.Count).square().reshape(-1).sum(dim: 0))], dim: 0);

    private int Width(int panel) => (int)Math.Min(PanelColumns, _rows.shape[1] - ((long)panel * PanelColumns));
}
