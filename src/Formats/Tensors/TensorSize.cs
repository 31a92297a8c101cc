using System.Collections.Immutable;

namespace AdaptCluster.Formats.Tensors;

/// <summary>How large tensors are, without overflow.</summary>
internal static class TensorSize
{
    /// <summary>The bytes of one element.</summary>
    public static int Of(ElementType type) => type switch
    {
        ElementType.Int8 or ElementType.UInt8 or ElementType.Bool => 1,
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 => 2,
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Float64 or ElementType.Int64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "is no element type"),
    };

    /// <summary>The number of elements, 1 for rank 0; -1 where a length is negative or no array could hold as many.</summary>
    public static int Count(ReadOnlySpan<int> shape)
    {
        // Lengths after a zero must be looked at too: [0, -1] is no shape.
        long count = 1;
        bool wrong = false;
        bool empty = shape.Contains(0);
        foreach (int length in shape)
        {
            wrong |= length < 0;
            count = wrong || empty ? 0 : count * length;
            wrong |= count > Array.MaxLength;
        }

        return wrong ? -1 : (int)count;
    }

    /// <summary>Whether bytes are exactly what a tensor has.</summary>
    public static bool Fits(ElementType type, ImmutableArray<int> shape, int bytes)
    {
        int count = Count(shape.AsSpan());
        return count >= 0 && (long)count * Of(type) == bytes;
    }

    /// <summary>A shape as messages show it.</summary>
    public static string Text(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
