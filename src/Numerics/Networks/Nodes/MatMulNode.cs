using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks.Nodes;

/// <summary>The product of two values as matrices in their last two axes; the axes before broadcast. [.., a, k] and [.., k, b] to [.., a, b].</summary>
public sealed record MatMulNode : NetworkNode
{
    internal override (int Least, int Most) Arity => (2, 2);

    internal override ImmutableArray<int> Infer(ImmutableArray<ImmutableArray<int>> inputs)
    {
        (ImmutableArray<int> l, ImmutableArray<int> r) = (inputs[0], inputs[1]);
        if (l.Length < 2 || r.Length < 2 || l[^1] != r[^2] || Shapes.Broadcast(l[..^2], r[..^2]) is not { } batch)
        {
            throw Invalid($"{Shapes.Text(l)} and {Shapes.Text(r)} for one row do not multiply");
        }

        return [.. batch, l[^2], r[^1]];
    }

    internal override torch.Tensor Forward(NodeCall call)
    {
        long rank = Math.Max(call.Inputs[0].dim(), call.Inputs[1].dim());
        torch.Tensor left = ArithmeticNode.Raise(call.Inputs[0], rank);
        torch.Tensor right = ArithmeticNode.Raise(call.Inputs[1], rank);
        long[] batch = [.. left.shape[..^2].Zip(right.shape[..^2], Math.Max)];
        (long a, long k, long b) = (left.shape[^2], left.shape[^1], right.shape[^1]);
        torch.Tensor product = torch.bmm(left.expand([.. batch, a, k]).reshape(-1, a, k), right.expand([.. batch, k, b]).reshape(-1, k, b));
        return product.view([.. batch, a, b]);
    }

    internal override double FlopsPerRow(ImmutableArray<ImmutableArray<int>> inputs, ImmutableArray<int> output) => 2.0 * Shapes.Count(output) * inputs[0][^1];
}
