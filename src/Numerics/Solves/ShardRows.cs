using TorchSharp;

namespace AdaptCluster.Numerics.Solves;

/// <summary>Rows of a product from the shards that have them.</summary>
internal static class ShardRows
{
    /// <summary>[N, columns], fp64, a copy; in the caller's dispose scope.</summary>
    internal static torch.Tensor Concatenate(SolvePlan plan, int outputs, IReadOnlyList<byte[]> answers, int columns, bool inDouble, torch.Device device)
    {
        torch.Tensor[] parts =
        [
            .. answers.Select((answer, s) => VectorBlocks.FromBytes(answer, (long)plan.Shards[s].Count * outputs, columns, inDouble, device)),
        ];
        return (parts.Length == 1 ? parts[0] : torch.cat(parts, dim: 0)).to(torch.ScalarType.Float64, copy: true);
    }
}
