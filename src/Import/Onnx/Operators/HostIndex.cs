using System.Collections.Immutable;
using AdaptCluster.Import.Onnx.Conversion;

namespace AdaptCluster.Import.Onnx.Operators;

/// <summary>Positions in known tensors, row-major.</summary>
internal static class HostIndex
{
    /// <summary>All positions of a shape, which is charged to the budget of constant arithmetic.</summary>
    internal static IEnumerable<int> All(NodeConversion call, ImmutableArray<int> shape)
    {
        long count = Count(shape);
        call.Graph.TakeFolded(call.Node, count);
        return Enumerable.Range(0, (int)count);
    }

    /// <summary>The number of elements; int.MaxValue where it is more.</summary>
    internal static long Count(ImmutableArray<int> shape)
    {
        long count = 1;
        foreach (int length in shape)
        {
            count = Math.Min(int.MaxValue, count * length);
        }

        return count;
    }

    /// <summary>Steps in memory per axis.</summary>
    internal static int[] Strides(ImmutableArray<int> shape)
    {
        var strides = new int[shape.Length];
        long step = 1;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = (int)step;
            step = Math.Min(int.MaxValue, step * shape[axis]);
        }

        return strides;
    }

    /// <summary>Steps in memory per axis of a shape that the tensor broadcasts to.</summary>
    internal static int[] Broadcast(ImmutableArray<int> from, ImmutableArray<int> to)
    {
        int[] own = Strides(from);
        var strides = new int[to.Length];
        for (int axis = 0; axis < from.Length; axis++)
        {
            strides[axis + to.Length - from.Length] = from[axis] == 1 ? 0 : own[axis];
        }

        return strides;
    }

    /// <summary>Where the element at a position of a shape is, by steps per axis.</summary>
    internal static int At(int position, ImmutableArray<int> shape, int[] strides)
    {
        int index = 0;
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            index += position % shape[axis] * strides[axis];
            position /= shape[axis];
        }

        return index;
    }
}
