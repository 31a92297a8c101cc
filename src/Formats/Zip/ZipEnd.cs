using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AdaptCluster.Formats.Zip;

/// <summary>The end of an archive, which says where its directory is: the classic record and, where there is one, zip64's.</summary>
/// <param name="Entries">How many entries the directory has.</param>
/// <param name="Start">Where the directory starts.</param>
/// <param name="End">Where it ends.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ZipEnd(int Entries, int Start, int End)
{
    private const uint Signature = 0x06054b50;
    private const uint Signature64 = 0x06064b50;
    private const uint LocatorSignature = 0x07064b50;
    private const int Length = 22;
    private const int Length64 = 56;
    private const int LocatorLength = 20;

    /// <summary>Finds the directory of an archive that ends with the file, without a comment, as PyTorch writes them.</summary>
    /// <exception cref="ModelFileException">There is none, or it is not within the file.</exception>
    public static ZipEnd Read(ModelSource source)
    {
        ReadOnlySpan<byte> bytes = source.Bytes.Span;
        int at = bytes.Length - Length;
        if (at < 0 || UInt32(bytes, at) != Signature || UInt16(bytes, at + 20) != 0)
        {
            throw source.Wrong(null, "it does not end with a zip archive's directory: it is cut off, or something was appended");
        }

        ulong onDisk = UInt16(bytes, at + 8);
        ulong entries = UInt16(bytes, at + 10);
        ulong size = UInt32(bytes, at + 12);
        ulong start = UInt32(bytes, at + 16);
        uint disks = (uint)UInt16(bytes, at + 4) | UInt16(bytes, at + 6);
        int end = at;
        if (at >= LocatorLength && UInt32(bytes, at - LocatorLength) == LocatorSignature)
        {
            end = Find64(source, at - LocatorLength);
            ReadOnlySpan<byte> record = bytes.Slice(end, Length64);
            (ulong onDisk64, ulong entries64, ulong size64, ulong start64) = (UInt64(record, 24), UInt64(record, 32), UInt64(record, 40), UInt64(record, 48));
            bool agree = Agree(onDisk, onDisk64, ushort.MaxValue) && Agree(entries, entries64, ushort.MaxValue)
                && Agree(size, size64, uint.MaxValue) && Agree(start, start64, uint.MaxValue);
            if (!agree)
            {
                throw source.Wrong(null, "its two records of where its directory is do not agree");
            }

            disks = disks == ushort.MaxValue ? 0 : disks;
            disks |= UInt32(record, 16) | UInt32(record, 20);
            (onDisk, entries, size, start) = (onDisk64, entries64, size64, start64);
        }

        if (disks != 0 || onDisk != entries)
        {
            throw source.Wrong(null, "it is one part of an archive in several files");
        }

        if (start > (ulong)end || size != (ulong)end - start)
        {
            throw source.Wrong(null, "its zip directory is not where it should be");
        }

        // Before anything is allocated for them: an entry has at least 46 bytes there.
        return entries <= size / ZipDirectory.HeaderLength
            ? new ZipEnd((int)entries, (int)start, end)
            : throw source.Wrong(null, $"its zip directory of {size} bytes does not hold {entries} entries");
    }

    /// <summary>Where the zip64 record is: right before its locator.</summary>
    private static int Find64(ModelSource source, int locator)
    {
        ReadOnlySpan<byte> bytes = source.Bytes.Span;
        ulong at = UInt64(bytes, locator + 8);
        bool fits = UInt32(bytes, locator + 4) == 0 && UInt32(bytes, locator + 16) <= 1
            && locator >= Length64 && at == (ulong)(locator - Length64);
        return fits && UInt32(bytes, (int)at) == Signature64 && UInt64(bytes, (int)at + 4) == Length64 - 12
            ? (int)at
            : throw source.Wrong(null, "its zip64 record is not where it should be");
    }

    private static bool Agree(ulong classic, ulong zip64, uint unknown) => classic == zip64 || classic == unknown;

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
