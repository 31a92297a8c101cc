using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AdaptCluster.Formats.Zip;

/// <summary>Sizes and place of an entry, from its header in the directory and that header's zip64 field.</summary>
/// <param name="Stored">The bytes of the content in the file.</param>
/// <param name="Inflated">The bytes of the content.</param>
/// <param name="Offset">Where the entry's own header is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ZipSizes(long Stored, long Inflated, long Offset)
{
    private const int Zip64Field = 1;

    /// <summary>Reads the sizes; null where the zip64 field is missing, too short, or has a number beyond 2^63.</summary>
    public static ZipSizes? Read(ReadOnlySpan<byte> header, ReadOnlySpan<byte> extra)
    {
        ReadOnlySpan<byte> wide = default;
        while (extra.Length >= 4 && wide.IsEmpty)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            wide = id == Zip64Field ? extra.Slice(4, length) : default;
            extra = extra[(4 + length)..];
        }

        // The field has only those that do not fit into the header, in this order.
        long inflated = Widen(BinaryPrimitives.ReadUInt32LittleEndian(header[24..]), ref wide);
        long stored = Widen(BinaryPrimitives.ReadUInt32LittleEndian(header[20..]), ref wide);
        long offset = Widen(BinaryPrimitives.ReadUInt32LittleEndian(header[42..]), ref wide);
        return Math.Min(Math.Min(inflated, stored), offset) < 0 ? null : new ZipSizes(stored, inflated, offset);
    }

    private static long Widen(uint narrow, ref ReadOnlySpan<byte> wide)
    {
        if (narrow != uint.MaxValue)
        {
            return narrow;
        }

        if (wide.Length < sizeof(long))
        {
            return -1;
        }

        long value = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[sizeof(long)..];
        return value;
    }
}
