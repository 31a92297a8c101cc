using System.Buffers;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Writes a payload as one length-prefixed field in one copy, and reads it into a buffer of the shared pool.</summary>
[RegisterSerializer]
public sealed class SolvePayloadCodec : IFieldCodec<SolvePayload>
{
    /// <summary>The most bytes of one payload: larger ones travel in parts.</summary>
    public const int MaxBytes = 64 << 20;

    /// <inheritdoc/>
    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, SolvePayload? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        if (ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value) || value is null)
        {
            return;
        }

        if (value.Length > MaxBytes)
        {
            throw new InvalidOperationException($"A payload of {value.Length} bytes is no message: it must be cut into parts of at most {MaxBytes}.");
        }

        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(SolvePayload), WireType.LengthPrefixed);
        writer.WriteVarUInt32((uint)value.Length);
        writer.Write(value.Bytes);
    }

    /// <inheritdoc/>
    public SolvePayload? ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.WireType == WireType.Reference)
        {
            return ReferenceCodec.ReadReference<SolvePayload, TInput>(ref reader, field);
        }

        field.EnsureWireType(WireType.LengthPrefixed);
        uint length = reader.ReadVarUInt32();
        if (length > MaxBytes)
        {
            throw new InvalidDataException($"A payload of {length} bytes is damaged: none has more than {MaxBytes}.");
        }

        SolvePayload value = SolvePayload.Rent((int)length);
        reader.ReadBytes(value.Writable);
        ReferenceCodec.RecordObject(reader.Session, value);
        return value;
    }
}
