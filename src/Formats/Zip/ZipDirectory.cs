using System.Buffers.Binary;

namespace AdaptCluster.Formats.Zip;

/// <summary>
/// The directory of a zip archive in memory, with every entry found in the file: see PKWARE's APPNOTE 6.3, sections 4.3
/// and 4.5. What contents are is not looked at; <see cref="StoredZip"/> does.
/// </summary>
internal sealed class ZipDirectory
{
    /// <summary>The least bytes of an entry in the directory.</summary>
    public const int HeaderLength = 46;

    private const uint Signature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int LocalLength = 30;

    // Bits 1 and 2 tell how hard deflate tried, 3 that sizes follow the content, 11 that names are UTF-8.
    private const int HarmlessFlags = 0b1000_0000_1110;
    private const int EncryptionFlags = 0b10_0000_0100_0001;

    private readonly Dictionary<string, ZipEntry> _entries;
    private readonly long[] _extents;
    private readonly ZipEnd _end;

    private ZipDirectory(ModelSource source)
    {
        Source = source;
        _end = ZipEnd.Read(source);
        source.Budget.Take(80L * _end.Entries);
        _entries = new Dictionary<string, ZipEntry>(_end.Entries, StringComparer.Ordinal);
        _extents = new long[_end.Entries];
    }

    /// <summary>The file.</summary>
    public ModelSource Source { get; }

    /// <summary>The entries by name, in the order of the directory.</summary>
    public IReadOnlyDictionary<string, ZipEntry> Entries => _entries;

    /// <summary>Whether a file could be a zip archive: it starts with an entry.</summary>
    public static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.Length >= 4 && UInt32(bytes, 0) == LocalSignature;

    /// <summary>Reads and checks the directory.</summary>
    /// <exception cref="ModelFileException">
    /// It is damaged, or an entry is encrypted, compressed otherwise than by deflate, not within the file, over another,
    /// there twice, or named by a path that leads out of the archive.
    /// </exception>
    public static ZipDirectory Read(ModelSource source)
    {
        var directory = new ZipDirectory(source);
        directory.ReadEntries();
        directory.RequireDisjoint();
        return directory;
    }

    private void ReadEntries()
    {
        int at = _end.Start;
        for (int entry = 0; entry < _end.Entries; entry++)
        {
            at += ReadEntry(Source.Bytes.Span[at.._end.End], entry);
        }

        if (at != _end.End)
        {
            throw Wrong(null, "its zip directory holds more than its entries");
        }
    }

    private int ReadEntry(ReadOnlySpan<byte> bytes, int index)
    {
        if (bytes.Length < HeaderLength || UInt32(bytes, 0) != Signature)
        {
            throw Wrong(null, $"entry {index} of its zip directory is damaged");
        }

        int nameLength = UInt16(bytes, 28);
        int extraLength = UInt16(bytes, 30);
        int length = HeaderLength + nameLength + extraLength + UInt16(bytes, 32);
        if (length > bytes.Length)
        {
            throw Wrong(null, $"entry {index} of its zip directory is longer than the directory");
        }

        Source.Budget.TakeText(nameLength);
        ReadOnlySpan<byte> rawName = bytes.Slice(HeaderLength, nameLength);
        string name = ZipName.Read(rawName, Source);
        RequireReadable(name, UInt16(bytes, 8), UInt16(bytes, 10));
        ZipSizes sizes = ZipSizes.Read(bytes, bytes.Slice(HeaderLength + nameLength, extraLength))
            ?? throw Wrong(name, "its zip64 sizes are damaged");
        ZipEntry entry = Locate(name, rawName, sizes, UInt16(bytes, 10), UInt32(bytes, 16));
        _extents[index] = (sizes.Offset << 32) | (uint)(entry.Start + entry.StoredLength);
        if (!_entries.TryAdd(name, entry))
        {
            throw Wrong(name, "it is there twice");
        }

        return length;
    }

    private void RequireReadable(string name, int flags, int method)
    {
        if ((flags & EncryptionFlags) != 0)
        {
            throw Source.Wrong(Place(name), "it is encrypted", "decrypt the archive first");
        }

        if (method is not (0 or 8) || (flags & ~HarmlessFlags) != 0)
        {
            throw Source.Wrong(
                Place(name), $"it is compressed by method {method} with flags 0x{flags:x}", "write the archive without compression");
        }
    }

    /// <summary>Follows an entry to its content, whose own header must say the same.</summary>
    private ZipEntry Locate(string name, ReadOnlySpan<byte> rawName, ZipSizes sizes, int method, uint crc)
    {
        ReadOnlySpan<byte> file = Source.Bytes.Span[.._end.Start];
        if (sizes.Offset > file.Length - LocalLength || UInt32(file, (int)sizes.Offset) != LocalSignature)
        {
            throw Wrong(name, "it is not where the zip directory says");
        }

        ReadOnlySpan<byte> local = file[(int)sizes.Offset..];
        int nameLength = UInt16(local, 26);
        int start = LocalLength + nameLength + UInt16(local, 28);
        if (start > local.Length || sizes.Stored > local.Length - start)
        {
            throw Wrong(name, "it reaches beyond the file's contents");
        }

        bool isDeflated = method == 8;
        if (isDeflated ? sizes.Inflated > Array.MaxLength : sizes.Inflated != sizes.Stored)
        {
            throw Wrong(name, $"its sizes, {sizes.Stored} and {sizes.Inflated} bytes, do not fit");
        }

        return UInt16(local, 8) == method && local.Slice(LocalLength, nameLength).SequenceEqual(rawName) && AgreesOnSizes(local, sizes, crc)
            ? new ZipEntry((int)sizes.Offset + start, (int)sizes.Stored, (int)sizes.Inflated, crc, isDeflated)
            : throw Wrong(name, "its two headers do not agree");
    }

    /// <summary>An entry's own header leaves out (0) or refers to zip64 (all ones) what the directory says, or says the same.</summary>
    private static bool AgreesOnSizes(ReadOnlySpan<byte> local, ZipSizes sizes, uint crc)
    {
        (uint localCrc, uint stored, uint inflated) = (UInt32(local, 14), UInt32(local, 18), UInt32(local, 22));
        return (localCrc == crc || localCrc == 0)
            && (stored == sizes.Stored || stored is 0 or uint.MaxValue)
            && (inflated == sizes.Inflated || inflated is 0 or uint.MaxValue);
    }

    /// <summary>No byte belongs to two entries: otherwise a small file could unfold to a huge one.</summary>
    private void RequireDisjoint()
    {
        Array.Sort(_extents);
        for (int i = 1; i < _extents.Length; i++)
        {
            if (_extents[i] >> 32 < (uint)_extents[i - 1])
            {
                throw Source.Wrong(
                    null, "two entries of its zip archive overlap", "do not use the file: no known program writes such archives");
            }
        }
    }

    private ModelFileException Wrong(string? name, string problem) => Source.Wrong(name is null ? null : Place(name), problem);

    private static string Place(string name) => $"entry {Quote.One(name)}";

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
