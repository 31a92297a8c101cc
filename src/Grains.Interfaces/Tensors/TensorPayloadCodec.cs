using System.Buffers;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;

namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>
/// Writes a payload as one length-prefixed field: element type, rank, lengths (variable-length integers), then the raw
/// bytes in one copy.
/// </summary>
[RegisterSerializer]
public sealed class TensorPayloadCodec : IFieldCodec<TensorPayload>
{
    /// <inheritdoc/>
    public void WriteField<TBufferWriter>(
        ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, TensorPayload? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        if (ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value) || value is null)
        {
            return;
        }

        Span<byte> header = stackalloc byte[2 + (TensorPayload.MaxRank * sizeof(int))];
        header[0] = (byte)value.ElementType;
        header[1] = (byte)value.Shape.Length;
        int length = 2;
        foreach (int dimension in value.Shape)
        {
            BitConverter.TryWriteBytes(header[length..], dimension);
            length += sizeof(int);
        }

        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(TensorPayload), WireType.LengthPrefixed);
        writer.WriteVarUInt32((uint)(length + value.Data.Length));
        writer.Write(header[..length]);
        writer.Write(value.Data.Span);
    }

    /// <inheritdoc/>
    public TensorPayload? ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.WireType == WireType.Reference)
        {
            return ReferenceCodec.ReadReference<TensorPayload, TInput>(ref reader, field);
        }

        field.EnsureWireType(WireType.LengthPrefixed);
        int length = (int)reader.ReadVarUInt32();
        var type = (TensorElementType)reader.ReadByte();
        int rank = reader.ReadByte();
        int header = 2 + (rank * sizeof(int));
        if (rank > TensorPayload.MaxRank || length < header)
        {
            throw new InvalidDataException($"A tensor payload of {length} bytes and rank {rank} is damaged.");
        }

        var shape = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            shape[i] = reader.ReadInt32();
        }

        byte[] data = GC.AllocateUninitializedArray<byte>(length - header);
        reader.ReadBytes(data);
        var value = new TensorPayload(type, shape, data);
        ReferenceCodec.RecordObject(reader.Session, value);
        return value;
    }
}
