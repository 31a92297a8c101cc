using AdaptCluster.Numerics.Networks;
using AdaptCluster.Numerics.Networks.Nodes;
using TorchSharp;

namespace AdaptCluster.Numerics.Jacobians;

/// <summary>
/// What a site keeps, from what its uses read and the cotangents at their outputs: [n, c, shape], or [n, shape] for one output.
/// Results are in the caller's scope.
/// </summary>
internal sealed class SiteFactors(NetworkSpec spec, SiteUse[] uses, torch.Tensor[] cotangents)
{
    internal static ConvolutionNode? ConvolutionOf(NetworkSpec spec, SitePlan plan) =>
        spec.Nodes.OfType<ConvolutionNode>().FirstOrDefault(node => node.WeightName == spec.Blocks[plan.Blocks[0]].Name);

    internal torch.Tensor[] Of(SitePlan plan) => plan.Kind switch
    {
        SiteKind.Dense => Dense(plan),
        SiteKind.Positions => Positions(plan),
        SiteKind.Table => Table(plan),
        _ => [Rows(plan)],
    };

    private torch.Tensor[] Dense(SitePlan plan)
    {
        int use = plan.Uses[0];
        torch.Tensor reads = uses[use].Reads!;
        if (uses[use].Value.Node is ConvolutionNode node)
        {
            reads = Patches.Unfold(reads, node);
        }

        reads = reads.dim() == 2 ? reads : reads.flatten(1);
        torch.Tensor g = cotangents[use];
        g = g.dim() == 2 ? g : g.reshape(-1, plan.Outer);
        return [plan.Blocks.Length == 2 ? torch.nn.functional.pad(reads, (0L, 1L), PaddingModes.Constant, 1) : reads.contiguous(), g];
    }

    private torch.Tensor[] Positions(SitePlan plan)
    {
        if (uses[plan.Uses[0]].Value.Node is ConvolutionNode)
        {
            return [uses[plan.Uses[0]].Reads!, G(plan.Uses[0]).flatten(3)];
        }

        torch.Tensor[] reads = [.. plan.Uses.Select(Reads)];
        torch.Tensor[] outputs = [.. plan.Uses.Select(u => G(u).reshape(N(u), spec.Outputs, -1, plan.Outer))];
        return
        [
            (reads.Length == 1 ? reads[0] : torch.cat(reads, dim: 1)).contiguous(),
            (outputs.Length == 1 ? outputs[0] : torch.cat(outputs, dim: 2)).transpose(2, 3).contiguous(),
        ];
    }

    private torch.Tensor[] Table(SitePlan plan)
    {
        torch.Tensor[] indices = [.. plan.Uses.Select(u => uses[u].Reads!.reshape(N(u), -1))];
        torch.Tensor[] outputs = [.. plan.Uses.Select(u => G(u).reshape(N(u), spec.Outputs, -1, plan.Outer))];
        return
        [
            indices.Length == 1 ? indices[0] : torch.cat(indices, dim: 1),
            outputs.Length == 1 ? outputs[0] : torch.cat(outputs, dim: 2),
        ];
    }

    // The sum over the uses of the block's rows, [n c, size].
    private torch.Tensor Rows(SitePlan plan)
    {
        string name = spec.Blocks[plan.Blocks[0]].Name;
        torch.Tensor? sum = null;
        foreach (int use in plan.Uses)
        {
            foreach (ParameterUse parameter in uses[use].Value.Tensors.Where(p => p.Name == name))
            {
                torch.Tensor rows = RowsOf(use, parameter).reshape(N(use) * spec.Outputs, -1);
                sum = sum is null ? rows : sum + rows;
            }
        }

        return sum!;
    }

    private torch.Tensor RowsOf(int use, ParameterUse parameter)
    {
        torch.Tensor g = G(use);
        return uses[use].Value.Node switch
        {
            LinearNode when parameter.Role == ParameterRole.Weight =>
                torch.bmm(g.reshape(N(use), spec.Outputs, -1, g.shape[^1]).transpose(2, 3).reshape(N(use), -1, Reads(use).shape[1]), Reads(use)),
            ConvolutionNode node when parameter.Role == ParameterRole.Weight => ConvolutionRows(node, use, parameter),
            EmbeddingNode node => TableRows(node, use),
            LinearNode => g.dim() == 3 ? g : g.sum([.. Enumerable.Range(2, (int)g.dim() - 3).Select(a => (long)a)]),
            ConvolutionNode => g.flatten(3).sum(dim: 3),
            LayerNormNode node => Leading(parameter.Role == ParameterRole.Scale ? g * uses[use].Reads!.unsqueeze(1) : g, node.Axes),
            NormalisationNode => Trailing(parameter.Role == ParameterRole.Scale ? g * uses[use].Reads!.unsqueeze(1) : g),
            _ => g,
        };
    }

    private torch.Tensor ConvolutionRows(ConvolutionNode node, int use, ParameterUse parameter)
    {
        (long n, long c, long groups) = (N(use), spec.Outputs, node.Groups);
        long outer = node.Outputs / groups;
        torch.Tensor patches = Patches.Unfold(uses[use].Reads!, node); // [n, C k, T]
        long positions = patches.shape[2];
        torch.Tensor a = patches.view(n * groups, patches.shape[1] / groups, positions);
        torch.Tensor g = G(use).reshape(n, c, groups, outer, positions).transpose(1, 2).reshape(n * groups, c * outer, positions);
        return torch.bmm(g, a.transpose(1, 2)).view(n, groups, c, outer * a.shape[1]).transpose(1, 2);
    }

    private torch.Tensor TableRows(EmbeddingNode node, int use)
    {
        torch.Tensor indices = uses[use].Reads!.reshape(N(use), -1);
        torch.Tensor g = G(use).reshape(N(use), spec.Outputs, -1, node.Width);
        torch.Tensor rows = torch.zeros(N(use) * spec.Outputs * node.Vocabulary, node.Width, dtype: g.dtype, device: g.device);
        torch.Tensor row = torch.arange(N(use) * spec.Outputs, dtype: torch.ScalarType.Int64, device: g.device).view(N(use), spec.Outputs, 1) * node.Vocabulary;
        return rows.index_add_(0, (row + indices.unsqueeze(1)).view(-1), g.reshape(-1, node.Width), 1);
    }

    // Sums over the axes between the outputs and the last ones.
    private static torch.Tensor Leading(torch.Tensor g, int last)
    {
        long[] axes = [.. Enumerable.Range(2, (int)g.dim() - 2 - last).Select(a => (long)a)];
        return axes.Length == 0 ? g : g.sum(axes);
    }

    // Sums over the axes after the channels.
    private static torch.Tensor Trailing(torch.Tensor g) => g.dim() == 3 ? g : g.flatten(3).sum(dim: 3);

    // [n, T, d_in].
    private torch.Tensor Reads(int use)
    {
        torch.Tensor reads = uses[use].Reads!;
        return uses[use].Value.Node is ConvolutionNode node
            ? Patches.Unfold(reads, node).transpose(1, 2)
            : reads.reshape(reads.shape[0], -1, reads.shape[^1]);
    }

    private long N(int use) => cotangents[use].shape[0];

    // [n, c, shape].
    private torch.Tensor G(int use) => spec.Outputs == 1 ? cotangents[use].unsqueeze(1) : cotangents[use];
}
