using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OnnxSchema;

namespace AdaptCluster.Import.Onnx.Reading;

/// <summary>A tensor of a file: a view of its bytes, whose number fits its shape. Immutable.</summary>
internal sealed class OnnxTensor
{
    private readonly TensorProto _tensor;
    private readonly ReadOnlyMemory<byte>? _raw;

    private OnnxTensor(TensorProto tensor, ImmutableArray<int> shape, int count, ReadOnlyMemory<byte>? raw)
    {
        _tensor = tensor;
        _raw = raw;
        Shape = shape;
        Count = count;
    }

    internal string Name => _tensor.Name;

    internal ImmutableArray<int> Shape { get; }

    internal int Count { get; }

    internal bool IsFloat => OnnxTypes.IsFloat(_tensor.DataType);

    internal bool IsBool => _tensor.DataType == (int)TensorProto.Types.DataType.Bool;

    internal TensorProto.Types.DataType Type => (TensorProto.Types.DataType)_tensor.DataType;

    /// <summary>Checks a tensor.</summary>
    /// <param name="tensor">The message.</param>
    /// <param name="where">What it is, for errors.</param>
    /// <param name="errors">Of the file.</param>
    /// <param name="external">Finds data that lies in other files; null where that is refused.</param>
    internal static OnnxTensor Read(TensorProto tensor, string where, ModelErrors errors, ExternalFiles? external)
    {
        int size = OnnxTypes.SizeOf(tensor.DataType);
        if (size == 0 || tensor.Segment is not null)
        {
            throw errors.Of(where, $"its elements are {OnnxTypes.Name(tensor.DataType)}, which is not read", "convert the network to 32-bit numbers and export it again");
        }

        (ImmutableArray<int> shape, int count) = ShapeOf(tensor, where, errors);
        ReadOnlyMemory<byte>? raw = null;
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            raw = ExternalFiles.Require(external, tensor, where, errors);
        }
        else if (tensor.RawData.Length > 0)
        {
            raw = tensor.RawData.Memory;
        }

        long elements = raw is not { } bytes ? Listed(tensor) : bytes.Length % size == 0 ? bytes.Length / size : -1;
        return elements == count
            ? new OnnxTensor(tensor, shape, count, raw)
            : throw errors.Of(where, $"its shape [{string.Join(", ", shape)}] needs {count} elements, but its data are others", "copy or export the file again");
    }

    /// <summary>An element as a number: whole numbers exactly up to 2^53.</summary>
    internal double this[int index] => _raw is { } raw ? Raw(raw.Span, index) : Type switch
    {
        TensorProto.Types.DataType.Float => _tensor.FloatData[index],
        TensorProto.Types.DataType.Double => _tensor.DoubleData[index],
        TensorProto.Types.DataType.Int64 => _tensor.Int64Data[index],
        TensorProto.Types.DataType.Float16 => (double)BitConverter.UInt16BitsToHalf((ushort)_tensor.Int32Data[index]),
        TensorProto.Types.DataType.Bfloat16 => BitConverter.UInt32BitsToSingle((uint)_tensor.Int32Data[index] << 16),
        TensorProto.Types.DataType.Bool => _tensor.Int32Data[index] == 0 ? 0 : 1,
        _ => _tensor.Int32Data[index],
    };

    /// <summary>All elements in fp32.</summary>
    internal void CopyTo(Span<float> target)
    {
        if (Type == TensorProto.Types.DataType.Float && _raw is { } raw)
        {
            MemoryMarshal.Cast<byte, float>(raw.Span).CopyTo(target);
            return;
        }

        for (int i = 0; i < Count; i++)
        {
            target[i] = (float)this[i];
        }
    }

    private static (ImmutableArray<int> Shape, int Count) ShapeOf(TensorProto tensor, string where, ModelErrors errors)
    {
        ImmutableArray<int>.Builder shape = ImmutableArray.CreateBuilder<int>();
        long count = 1;
        foreach (long length in tensor.Dims)
        {
            count = length is >= 0 and <= int.MaxValue && shape.Count < 8 ? count * length : -1;
            if (count is < 0 or > int.MaxValue)
            {
                throw errors.Of(where, $"its shape [{string.Join(", ", tensor.Dims.Take(9))}] cannot be", "copy or export the file again");
            }

            shape.Add((int)length);
        }

        return (shape.ToImmutable(), (int)count);
    }

    private static long Listed(TensorProto tensor) => (TensorProto.Types.DataType)tensor.DataType switch
    {
        TensorProto.Types.DataType.Float => tensor.FloatData.Count,
        TensorProto.Types.DataType.Double => tensor.DoubleData.Count,
        TensorProto.Types.DataType.Int64 => tensor.Int64Data.Count,
        _ => tensor.Int32Data.Count,
    };

    private double Raw(ReadOnlySpan<byte> raw, int i) => Type switch
    {
        TensorProto.Types.DataType.Float => BinaryPrimitives.ReadSingleLittleEndian(raw[(4 * i)..]),
        TensorProto.Types.DataType.Double => BinaryPrimitives.ReadDoubleLittleEndian(raw[(8 * i)..]),
        TensorProto.Types.DataType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(raw[(2 * i)..]),
        TensorProto.Types.DataType.Bfloat16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(raw[(2 * i)..]) << 16),
        TensorProto.Types.DataType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(raw[(8 * i)..]),
        TensorProto.Types.DataType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(raw[(4 * i)..]),
        TensorProto.Types.DataType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(raw[(2 * i)..]),
        TensorProto.Types.DataType.Uint16 => BinaryPrimitives.ReadUInt16LittleEndian(raw[(2 * i)..]),
        TensorProto.Types.DataType.Int8 => (sbyte)raw[i],
        TensorProto.Types.DataType.Bool => raw[i] == 0 ? 0 : 1,
        _ => raw[i],
    };
}
