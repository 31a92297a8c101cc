using System.Collections.Immutable;
using AdaptCluster.Numerics.Networks;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// From one forward pass with noted sites and c reverse passes to the Jacobian's sites. Rows are independent, so one reverse pass with the
/// cotangent e_o in every row gives the cotangents of output o for all of them.
/// </summary>
internal sealed class Linearisation(NetworkSpec spec)
{
    private const long ValueBudget = 1L << 24; // numbers of all values of one chunk of rows
    private readonly HashSet<string> _adapted = spec.Blocks.Select(b => b.Name).ToHashSet(StringComparer.Ordinal);
    private readonly NetworkExecutor _executor = new(spec);

    /// <summary>How many rows go through the network at once.</summary>
    internal int ChunkRows => (int)Math.Clamp(ValueBudget / (spec.Graph.NumbersPerRow * 3), 1, 1 << 20);

    /// <summary>The output, [n, c], and the sites. In the caller's scope, but for the sites' tensors.</summary>
    /// <param name="tensors">The network's tensors by name.</param>
    /// <param name="rows">n.</param>
    /// <param name="upload">Gives some of the rows, from a first one on, [count, d]: never all of them at once where they are many.</param>
    internal (torch.Tensor Output, JacobianSite[] Sites) Run(IReadOnlyDictionary<string, torch.Tensor> tensors, int rows, Func<int, int, torch.Tensor> upload)
    {
        if (rows <= ChunkRows)
        {
            (torch.Tensor output, torch.Tensor[][] factors) = RunChunk(tensors, upload(0, rows), 0);
            return (output, Sites([factors]));
        }

        var parts = new List<(torch.Tensor Output, torch.Tensor[][] Factors)>();
        for (int start = 0; start < rows; start += ChunkRows)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            (torch.Tensor output, torch.Tensor[][] factors) = RunChunk(tensors, upload(start, Math.Min(ChunkRows, rows - start)), start);
            output.MoveToOuterDisposeScope();
            foreach (torch.Tensor factor in factors.SelectMany(f => f))
            {
                factor.MoveToOuterDisposeScope();
            }

            parts.Add((output, factors));
        }

        return (Join([.. parts.Select(p => p.Output)]), Sites([.. parts.Select(p => p.Factors)]));
    }

    // Each part goes as soon as it was copied: all parts and the whole would be twice the factors.
    private static torch.Tensor Join(torch.Tensor[] parts)
    {
        if (parts.Length == 1)
        {
            return parts[0];
        }

        torch.Tensor whole = torch.cat(parts, dim: 0);
        foreach (torch.Tensor part in parts)
        {
            part.Dispose();
        }

        return whole;
    }

    private (torch.Tensor Output, torch.Tensor[][] Factors) RunChunk(IReadOnlyDictionary<string, torch.Tensor> tensors, torch.Tensor x, int start)
    {
        var tape = new SiteTape(_adapted);
        torch.Tensor output = _executor.Forward(tensors, x, tape, firstRow: start);
        var uses = new SiteFactors(spec, [.. tape.Uses], Reverse(output, tape.Uses));
        return (output.detach(), [.. spec.Sites.Select(uses.Of)]);
    }

    // Per use the cotangents, [n, c, shape], or [n, shape] for one output.
    private torch.Tensor[] Reverse(torch.Tensor output, List<SiteUse> uses)
    {
        int c = spec.Outputs;
        if (!output.requires_grad)
        {
            return [.. uses.Select(use => torch.zeros(c == 1 ? use.Output.shape : [use.Output.shape[0], c, .. use.Output.shape[1..]], dtype: output.dtype, device: output.device))];
        }

        var cotangents = new torch.Tensor[uses.Count][];
        for (int o = 0; o < c; o++)
        {
            output.backward([Seed(output, o)], create_graph: false, retain_graph: o < c - 1);
            for (int u = 0; u < cotangents.Length; u++)
            {
                cotangents[u] ??= new torch.Tensor[c];
                cotangents[u][o] = uses[u].Output.grad ?? torch.zeros_like(uses[u].Output);
                if (c > 1)
                {
                    uses[u].Output.grad = null;
                }
            }
        }

        return Array.ConvertAll(cotangents, perOutput => c == 1 ? perOutput[0] : torch.stack(perOutput, dim: 1));
    }

    private static torch.Tensor Seed(torch.Tensor output, int o)
    {
        if (output.shape[1] == 1)
        {
            return torch.ones_like(output);
        }

        torch.Tensor seed = torch.zeros_like(output);
        seed.select(1, o).fill_(1);
        return seed;
    }

    private JacobianSite[] Sites(torch.Tensor[][][] parts)
    {
        var sites = new List<JacobianSite>();
        var rowBlocks = ImmutableArray.CreateBuilder<int>();
        var rows = new List<torch.Tensor>();
        for (int s = 0; s < spec.Sites.Length; s++)
        {
            SitePlan plan = spec.Sites[s];
            torch.Tensor[] factors = parts.Length == 1 ? parts[0][s] : [.. Enumerable.Range(0, parts[0][s].Length).Select(f => Join([.. parts.Select(part => part[s][f])]))];
            switch (plan.Kind)
            {
                case SiteKind.Dense:
                    sites.Add(new DenseSite(plan, spec, factors[0], factors[1], spec.Outputs));
                    break;
                case SiteKind.Positions:
                    sites.Add(new PositionSite(plan, spec, new Patches(factors[0], SiteFactors.ConvolutionOf(spec, plan)), factors[1]));
                    break;
                case SiteKind.Table:
                    sites.Add(new TableSite(plan, spec, factors[0], factors[1]));
                    break;
                default:
                    rowBlocks.AddRange(plan.Blocks);
                    rows.Add(factors[0]);
                    break;
            }
        }

        if (rows.Count > 0)
        {
            var plan = new SitePlan(SiteKind.Rows, rowBlocks.DrainToImmutable(), [], 1, 1, 1, rows.Sum(r => r.shape[1]) * spec.Outputs);
            sites.Add(new RowSite(plan, spec, rows.Count == 1 ? rows[0] : torch.cat(rows, dim: 1), spec.Outputs));
        }

        return [.. sites];
    }
}
