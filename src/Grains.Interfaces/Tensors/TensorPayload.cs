using System.Runtime.InteropServices;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>A dense tensor on the wire and at rest: element type, shape and little-endian, row-major bytes.</summary>
/// <remarks>
/// Immutable by contract: whoever makes one gives up the array behind it. It has a codec of its own
/// (<see cref="TensorPayloadCodec"/>), because Orleans encodes numeric arrays one element at a time.
/// </remarks>
[Immutable]
[Alias("adapt.TensorPayload")]
public sealed class TensorPayload
{
    /// <summary>The most dimensions.</summary>
    public const int MaxRank = 8;

    private readonly byte[] _data;
    private readonly int[] _shape;

    /// <summary>Wraps bytes that the caller gives up.</summary>
    /// <exception cref="InvalidInputException">
    /// The shape is negative, has more than <see cref="MaxRank"/> dimensions, or does not fit the number of bytes.
    /// </exception>
    public TensorPayload(TensorElementType elementType, int[] shape, byte[] data)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(data);
        if (!Enum.IsDefined(elementType) || shape.Length > MaxRank || CountOf(shape) * SizeOf(elementType) != data.Length)
        {
            throw new InvalidInputException(
                "tensor",
                $"{data.Length} bytes of {elementType} do not make a tensor of shape [{string.Join(", ", shape)}]",
                "send the bytes of exactly that many elements");
        }

        ElementType = elementType;
        _shape = shape;
        _data = data;
    }

    /// <summary>The type of every element.</summary>
    public TensorElementType ElementType { get; }

    /// <summary>The length of every dimension, outermost first.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The elements, little-endian and row-major.</summary>
    public ReadOnlyMemory<byte> Data => _data;

    /// <summary>A matrix of 64-bit numbers, copied.</summary>
    public static TensorPayload FromMatrix(ReadOnlySpan<double> values, int rows, int columns) =>
        new(TensorElementType.Float64, [rows, columns], MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A vector of 32-bit numbers, copied.</summary>
    public static TensorPayload FromVector(ReadOnlySpan<float> values) =>
        new(TensorElementType.Float32, [values.Length], MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Bytes that the caller gives up.</summary>
    public static TensorPayload FromBytes(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return new TensorPayload(TensorElementType.UInt8, [bytes.Length], bytes);
    }

    /// <summary>The elements as 64-bit numbers, copied.</summary>
    /// <exception cref="InvalidInputException">The elements are of another type.</exception>
    public double[] ToDoubles()
    {
        Require(TensorElementType.Float64);
        return MemoryMarshal.Cast<byte, double>(_data).ToArray();
    }

    /// <summary>The elements as 32-bit numbers, copied.</summary>
    /// <exception cref="InvalidInputException">The elements are of another type.</exception>
    public float[] ToSingles()
    {
        Require(TensorElementType.Float32);
        return MemoryMarshal.Cast<byte, float>(_data).ToArray();
    }

    internal static int SizeOf(TensorElementType type) => type switch
    {
        TensorElementType.Float32 => sizeof(float),
        TensorElementType.Float64 => sizeof(double),
        _ => sizeof(byte),
    };

    /// <summary>The number of elements; more than any array has where there are too many, negative where a length is.</summary>
    private static long CountOf(int[] shape)
    {
        long count = 1;
        bool negative = false;
        foreach (int length in shape)
        {
            negative |= length < 0;
            count = Math.Min(int.MaxValue, count * Math.Max(0, length));
        }

        return negative ? -1 : count;
    }

    private void Require(TensorElementType type)
    {
        if (ElementType != type)
        {
            throw new InvalidInputException("tensor", $"its elements are {ElementType}, not {type}", $"send {type}");
        }
    }
}
