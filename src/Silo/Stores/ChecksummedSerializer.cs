using System.Buffers.Binary;
using System.IO.Hashing;
using AdaptCluster.Grains.Interfaces.Errors;
using Orleans.Storage;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Orleans' binary, versioned format between one byte of format version and eight of XXH3: what comes back from the
/// store is what was written, or an error.
/// </summary>
internal sealed class ChecksummedSerializer(OrleansGrainStorageSerializer inner) : IGrainStorageSerializer
{
    private const byte FormatVersion = 1;
    private const int HashBytes = sizeof(ulong);

    public BinaryData Serialize<T>(T? input)
    {
        ReadOnlySpan<byte> content = inner.Serialize(input).ToMemory().Span;
        byte[] record = new byte[1 + content.Length + HashBytes];
        record[0] = FormatVersion;
        content.CopyTo(record.AsSpan(1));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(1 + content.Length), Hash(record.AsSpan(0, 1 + content.Length)));
        return new BinaryData(record);
    }

    public T? Deserialize<T>(BinaryData input)
    {
        ReadOnlyMemory<byte> record = input.ToMemory();
        if (record.Length <= HashBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(record.Span[^HashBytes..]) != Hash(record.Span[..^HashBytes]))
        {
            throw new StoreException("a record in the store is damaged (its checksum differs); restore the store from a backup.", isRetryable: false);
        }

        if (record.Span[0] != FormatVersion)
        {
            throw new StoreException(
                $"a record in the store has format {record.Span[0]}, this version reads {FormatVersion}; use the version that wrote it.",
                isRetryable: false);
        }

        return inner.Deserialize<T>(new BinaryData(record[1..^HashBytes]));
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes);
}
