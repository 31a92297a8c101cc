using System.Collections.Immutable;
using TorchSharp;

namespace AdaptCluster.Numerics.Networks;

/// <summary>Shapes of values of one row: without the axis of rows.</summary>
internal static class Shapes
{
    /// <summary>The most numbers that one value of one row may have: 1 GiB in fp32.</summary>
    internal const long MaxCount = 1L << 28;

    internal static long Count(ImmutableArray<int> shape)
    {
        long count = 1;
        foreach (int length in shape)
        {
            count = Math.Min(int.MaxValue, count * length);
        }

        return count;
    }

    internal static string Text(ImmutableArray<int> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The shape that both broadcast to, aligned at the last axis; null where they do not.</summary>
    internal static ImmutableArray<int>? Broadcast(ImmutableArray<int> left, ImmutableArray<int> right)
    {
        int rank = Math.Max(left.Length, right.Length);
        ImmutableArray<int>.Builder shape = ImmutableArray.CreateBuilder<int>(rank);
        for (int axis = 0; axis < rank; axis++)
        {
            int l = At(left, axis - (rank - left.Length));
            int r = At(right, axis - (rank - right.Length));
            if (l != r && l != 1 && r != 1)
            {
                return null;
            }

            shape.Add(l == 1 ? r : l);
        }

        return shape.MoveToImmutable();
    }

    /// <summary>The shape with the axis of rows, as torch wants it.</summary>
    internal static long[] WithRows(long rows, ImmutableArray<int> shape) => [rows, .. shape];

    /// <summary>The shape of one row of a tensor.</summary>
    internal static ImmutableArray<int> OfRow(torch.Tensor value) => [.. value.shape.Skip(1).Select(l => (int)l)];

    private static int At(ImmutableArray<int> shape, int axis) => axis < 0 ? 1 : shape[axis];
}
