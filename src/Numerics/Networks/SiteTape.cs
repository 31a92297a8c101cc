using AdaptCluster.Numerics.Networks.Nodes;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks;

/// <summary>
/// Notes, during a forward pass, what every node with adapted parameters reads and gives, so that a reverse pass leaves the
/// cotangents there. The parameters themselves need no gradient: the pass goes through values only, back to the first such node.
/// </summary>
internal sealed class SiteTape(IReadOnlySet<string> adapted)
{
    /// <summary>What was noted, in the order of the nodes.</summary>
    internal List<SiteUse> Uses { get; } = [];

    internal torch.Tensor Note(GraphValue value, NodeCall call, torch.Tensor result)
    {
        bool isSite = false;
        foreach (ParameterUse use in value.Tensors)
        {
            isSite |= adapted.Contains(use.Name);
        }

        if (!isSite)
        {
            return result;
        }

        torch.Tensor output = result;
        if (result.requires_grad)
        {
            result.retain_grad();
        }
        else
        {
            output = result.detach().requires_grad_();
        }

        torch.Tensor? reads = call.Reads ?? (call.Inputs.Length > 0 ? call.X : null);
        Uses.Add(new SiteUse(value, reads?.detach(), output));
        return output;
    }
}

/// <summary>One use of parameters.</summary>
/// <param name="Value">The node.</param>
/// <param name="Reads">What multiplies the parameters, [n, ...]; null where nothing does.</param>
/// <param name="Output">The node's value, [n, shape], where the reverse pass leaves the cotangent.</param>
internal sealed record SiteUse(GraphValue Value, torch.Tensor? Reads, torch.Tensor Output);
