using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using AdaptCluster.Grains.Interfaces.Errors;
using Orleans.Serialization;
using Orleans.Storage;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Orleans' binary, versioned format between one byte of format version and eight of XXH3: what comes back from the
/// store is what was written, or an error.
/// </summary>
internal sealed class ChecksummedSerializer(Serializer inner) : IGrainStorageSerializer
{
    private const byte FormatVersion = 1;
    private const int HashBytes = sizeof(ulong);

    /// <summary>Most records fit: those of tasks of some thirty rows have 4.8 KB.</summary>
    private const int InitialBytes = 8 << 10;

    public BinaryData Serialize<T>(T? input)
    {
        var record = new ArrayBufferWriter<byte>(InitialBytes);
        record.Write([FormatVersion]);
        inner.Serialize(input, record);
        ulong hash = Hash(record.WrittenSpan);
        BinaryPrimitives.WriteUInt64LittleEndian(record.GetSpan(HashBytes), hash);
        record.Advance(HashBytes);
        return new BinaryData(record.WrittenMemory);
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

        return inner.Deserialize<T>(record[1..^HashBytes]);
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes);
}
