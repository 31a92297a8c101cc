using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace AdaptCluster.Formats.Tensors;

/// <summary>A dense tensor of a model file: name, element type, shape, and its little-endian, row-major bytes.</summary>
/// <remarks>
/// Usually a view: <see cref="Data"/> lies in the memory of the file that was read, which must not change while the tensor
/// is in use. Immutable and safe for use by several threads under that condition. Conversions copy.
/// </remarks>
public sealed class NamedTensor
{
    /// <summary>The most dimensions.</summary>
    public const int MaxRank = 8;

    /// <summary>Wraps bytes, without a copy.</summary>
    /// <param name="name">The name in the file.</param>
    /// <param name="type">The type of every element.</param>
    /// <param name="shape">The length of every dimension, outermost first; empty for a single number.</param>
    /// <param name="data">The elements.</param>
    /// <param name="file">The file that it is from, or will be in, as errors name it.</param>
    /// <exception cref="ModelFileException">
    /// The shape has a negative length or more than <see cref="MaxRank"/> dimensions, or the number of bytes is another than
    /// shape and type make.
    /// </exception>
    public NamedTensor(string name, ElementType type, ImmutableArray<int> shape, ReadOnlyMemory<byte> data, string file = "the model")
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(file);
        if (shape.Length > MaxRank)
        {
            throw new ModelFileException(
                file, $"tensor {Quote.One(name)}", $"it has {shape.Length} dimensions", $"use tensors of at most {MaxRank}");
        }

        if (!TensorSize.Fits(type, shape, data.Length))
        {
            throw new ModelFileException(
                file,
                $"tensor {Quote.One(name)}",
                $"{data.Length} bytes are not a tensor of {type} of shape {TensorSize.Text(shape.AsSpan())}",
                Remedies.SaveAgain);
        }

        Name = name;
        Type = type;
        Shape = shape;
        Data = data;
        File = file;
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>The type of every element.</summary>
    public ElementType Type { get; }

    /// <summary>The length of every dimension, outermost first; empty for a single number.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>The elements, little-endian and row-major.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The file that it is from, as errors name it.</summary>
    public string File { get; }

    /// <summary>The number of elements.</summary>
    public int Count => Data.Length / TensorSize.Of(Type);

    /// <summary>The elements as 32-bit numbers, copied.</summary>
    /// <remarks>
    /// Exact but for Float64, which is rounded to nearest; what is beyond the range becomes an infinity. NaN and infinities
    /// stay what they are: whoever needs finite numbers checks.
    /// </remarks>
    /// <exception cref="ModelFileException">The elements are integers or booleans.</exception>
    public float[] ToSingles()
    {
        ReadOnlySpan<byte> data = Data.Span;
        return Type switch
        {
            ElementType.Float32 => MemoryMarshal.Cast<byte, float>(data).ToArray(),
            ElementType.Float64 => Convert<double, float>(data, value => (float)value),
            ElementType.Float16 => Convert<Half, float>(data, value => (float)value),
            ElementType.BFloat16 => Convert<ushort, float>(data, value => BitConverter.UInt32BitsToSingle((uint)value << 16)),
            _ => throw Refuse("real numbers", "Float16, BFloat16, Float32 or Float64"),
        };
    }

    /// <summary>The elements as 64-bit integers, copied; booleans as 0 and 1.</summary>
    /// <exception cref="ModelFileException">The elements are real numbers.</exception>
    public long[] ToInt64s()
    {
        ReadOnlySpan<byte> data = Data.Span;
        return Type switch
        {
            ElementType.Int64 => MemoryMarshal.Cast<byte, long>(data).ToArray(),
            ElementType.Int32 => Convert<int, long>(data, value => value),
            ElementType.Int16 => Convert<short, long>(data, value => value),
            ElementType.Int8 => Convert<sbyte, long>(data, value => value),
            ElementType.UInt8 => Convert<byte, long>(data, value => value),
            ElementType.Bool => Convert<byte, long>(data, value => value == 0 ? 0 : 1),
            _ => throw Refuse("integers", "Int8, UInt8, Int16, Int32, Int64 or Bool"),
        };
    }

    private static TTo[] Convert<TFrom, TTo>(ReadOnlySpan<byte> data, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
    {
        ReadOnlySpan<TFrom> values = MemoryMarshal.Cast<byte, TFrom>(data);
        var converted = new TTo[values.Length];
        for (int i = 0; i < converted.Length; i++)
        {
            converted[i] = convert(values[i]);
        }

        return converted;
    }

    private ModelFileException Refuse(string wanted, string types) => new(
        File, $"tensor {Quote.One(Name)}", $"its elements are {Type} where {wanted} are needed", $"save it as {types}");
}
