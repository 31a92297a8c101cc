using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// The Jacobian of some parameter blocks at n inputs, in the form that its <see cref="SitePlan"/> says. Row index i c + o. Owns its tensors.
/// Results of products are in the caller's dispose scope.
/// </summary>
internal abstract class JacobianSite(SitePlan plan, NetworkSpec spec, int rows, int outputs) : IDisposable
{
    /// <summary>Numbers in one intermediate of a product.</summary>
    protected const long ProductBudget = 1L << 24;

    internal SitePlan Plan => plan;

    internal NetworkSpec Spec => spec;

    /// <summary>n.</summary>
    internal int Rows => rows;

    /// <summary>c, or 1 where one output was picked.</summary>
    internal int Outputs => outputs;

    /// <summary>N = n c.</summary>
    internal int Count => rows * outputs;

    /// <summary>How many numbers are kept.</summary>
    internal abstract long Numbers { get; }

    public abstract void Dispose();

    /// <summary>Rows [start, start + count) as views on the same memory.</summary>
    internal abstract JacobianSite Slice(int start, int count);

    /// <summary>The rows of one output, as views on the same memory.</summary>
    internal abstract JacobianSite OfOutput(int output);

    /// <summary>A copy in fp64, of the very same numbers; null where its products are computed by a program of its own precision.</summary>
    internal abstract JacobianSite? InDouble();

    /// <summary>Adds J_s u, [N, k], for the flat u, [p, k].</summary>
    internal abstract void AddApply(torch.Tensor u, torch.Tensor result);

    /// <summary>Writes J_s^T v into the blocks' rows of <paramref name="result"/>, [p, k], for v of [N, k].</summary>
    internal abstract void ApplyTranspose(torch.Tensor v, torch.Tensor result);

    /// <summary>Writes the blocks' columns of J, [N, p].</summary>
    internal abstract void CopyRows(torch.Tensor dense);

    /// <summary>Adds to the diagonal of sum_b theta_b J_b J_b^T, [n, c].</summary>
    internal abstract void AddDiagonal(torch.Tensor diagonal, SiteScales scales);

    /// <summary>tr(J_b J_b^T) of each of its blocks, [blocks].</summary>
    internal abstract torch.Tensor Traces();

    /// <summary>About how many multiply-adds one pair of inputs takes in a kernel of <paramref name="rows"/> by <paramref name="others"/> inputs.</summary>
    internal static double KernelFlops(SitePlan plan, int outputs, double rows, double others)
    {
        double c2 = (double)outputs * outputs;
        double size = (double)plan.Inner * plan.Outer;
        return plan.Kind switch
        {
            SiteKind.Dense => plan.Inner + (c2 * plan.Outer),
            SiteKind.Positions => Math.Min(PositionSite.PairCost(plan, outputs), PositionSite.RowCost(plan, outputs, rows, others)),
            SiteKind.Table => plan.Positions * (double)plan.Positions * (1 + (c2 * plan.Outer)),
            _ => c2 * size,
        };
    }

    protected ParameterBlock Block(int index) => spec.Blocks[plan.Blocks[index]];

    /// <summary>The rows of block number <paramref name="index"/> of this site in a flat [p, k].</summary>
    protected torch.Tensor BlockOf(torch.Tensor flat, int index) => flat.narrow(0, Block(index).Offset, Block(index).Count);

    /// <summary>Whether every block's scale is zero.</summary>
    internal bool IsFrozen(double[] theta)
    {
        foreach (int block in plan.Blocks)
        {
            if (theta[block] != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many columns of a product with k columns are done at once.</summary>
    protected static int ColumnStep(long numbersPerColumn, int columns) => (int)Math.Clamp(ProductBudget / Math.Max(1, numbersPerColumn), 1, Math.Max(1, columns));
}

/// <summary>A site whose part of a kernel is computed tile by tile.</summary>
internal abstract class TileSite(SitePlan plan, NetworkSpec spec, int rows, int outputs) : JacobianSite(plan, spec, rows, outputs)
{
    /// <summary>What is computed once for a kernel with <paramref name="other"/>.</summary>
    /// <param name="other">The same site of other factors, or this one.</param>
    /// <param name="scales">theta; null for the kernels of the blocks without scales.</param>
    internal abstract ITileKernel Kernel(JacobianSite other, SiteScales? scales);
}

/// <summary>The part of one site in a kernel.</summary>
internal interface ITileKernel
{
    /// <summary>Adds theta J J'^T of all inputs to a sum, [N, N'], or gives it where there is none yet: for kernels of one tile.</summary>
    torch.Tensor AddWhole(torch.Tensor? sum);

    /// <summary>Adds theta J J'^T of inputs [i, i + r) and [j, j + s) to a tile, [r c, s c].</summary>
    /// <param name="tile">The tile, a view.</param>
    /// <param name="i">The first input.</param>
    /// <param name="r">How many.</param>
    /// <param name="j">The first input of the other factors.</param>
    /// <param name="s">How many.</param>
    /// <param name="buffers">Memory that tiles share.</param>
    /// <param name="first">Whether the tile holds nothing yet: it is then written.</param>
    void AddTo(torch.Tensor tile, int i, int r, int j, int s, KernelTiling buffers, bool first);

    /// <summary>Adds sum(W o J_b J_b'^T) over a tile to each block's sum, [blocks].</summary>
    void Contract(torch.Tensor weights, int i, int r, int j, int s, KernelTiling buffers, torch.Tensor sums, double factor);
}

/// <summary>
/// A site whose rows are formed, some columns at a time: its part of a kernel is a matrix product. How many columns go into a panel depends on
/// the number of Jacobian rows; both sides of a product are cut by the larger of theirs.
/// </summary>
internal interface IRowPanels
{
    /// <summary>The number of panels for so many Jacobian rows.</summary>
    int Panels(int count);

    /// <summary>Columns of J, [N, width]. In the caller's scope; may be memory of the site, so do not change it.</summary>
    torch.Tensor Panel(int index, int count);

    /// <summary>The block of each run of columns of a panel.</summary>
    ImmutableArray<PanelRun> Runs(int index, int count);
}

/// <summary>Consecutive columns of a panel that belong to one block.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct PanelRun(int Block, int Start, int Count);
