using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace AdaptCluster.Formats.Tests.Support;

/// <summary>Writes zip archives as they should be, and as they should not.</summary>
internal static class ZipWriter
{
    public static byte[] Write(params IEnumerable<ZipEntrySpec> entries) => Write(entries, isZip64: false);

    /// <summary>With zip64's end, as PyTorch writes them.</summary>
    public static byte[] Write64(params IEnumerable<ZipEntrySpec> entries) => Write(entries, isZip64: true);

    /// <summary>The archive of a state dictionary with one pickle and the numbers of its storages.</summary>
    public static byte[] StateDict(byte[] pickle, params IEnumerable<(string Key, byte[] Content)> storages) => Write(
        [new("m/data.pkl", pickle), .. storages.Select(storage => new ZipEntrySpec($"m/data/{storage.Key}", storage.Content))]);

    public static byte[] Deflate(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var deflater = new DeflateStream(compressed, CompressionLevel.SmallestSize))
        {
            deflater.Write(content);
        }

        return compressed.ToArray();
    }

    private static byte[] Write(IEnumerable<ZipEntrySpec> entries, bool isZip64)
    {
        using var file = new MemoryStream();
        using var directory = new MemoryStream();
        using var writer = new BinaryWriter(file, Encoding.UTF8);
        using var directoryWriter = new BinaryWriter(directory, Encoding.UTF8);
        int count = 0;
        foreach (ZipEntrySpec entry in entries)
        {
            WriteEntry(writer, directoryWriter, entry);
            count++;
        }

        long start = file.Length;
        writer.Write(directory.ToArray());
        WriteEnd(writer, isZip64, count, start, directory.Length);
        return file.ToArray();
    }

    private static void WriteEntry(BinaryWriter file, BinaryWriter directory, ZipEntrySpec entry)
    {
        uint offset = entry.Offset ?? (uint)file.BaseStream.Length;
        uint crc = entry.Crc ?? Crc32.HashToUInt32(entry.Content);
        byte[] stored = entry.Method == 8 ? Deflate(entry.Content) : entry.Content;
        byte[] name = Encoding.UTF8.GetBytes(entry.LocalName ?? entry.Name);
        file.Write(0x04034b50u);
        Write16(file, 0, entry.Flags, entry.Method, 0, 0);
        Write32(file, 0, 0, 0);
        Write16(file, name.Length, 0);
        file.Write(name);
        file.Write(stored);

        uint inflatedLength = entry.Length ?? (uint)entry.Content.Length;
        uint storedLength = entry.StoredLength ?? (uint)stored.Length;
        name = Encoding.UTF8.GetBytes(entry.Name);
        directory.Write(0x02014b50u);
        Write16(directory, 0, 0, entry.Flags, entry.Method, 0, 0);
        Write32(directory, crc, entry.IsZip64 ? uint.MaxValue : storedLength, entry.IsZip64 ? uint.MaxValue : inflatedLength);
        Write16(directory, name.Length, entry.IsZip64 ? 28 + 6 : 0, 0, 0, 0);
        Write32(directory, 0, entry.IsZip64 ? uint.MaxValue : offset);
        directory.Write(name);
        if (entry.IsZip64)
        {
            // Some other field first.
            Write16(directory, 0x5a46, 2, 0);
            Write16(directory, 1, 24);
            directory.Write((ulong)inflatedLength);
            directory.Write((ulong)storedLength);
            directory.Write((ulong)offset);
        }
    }

    private static void WriteEnd(BinaryWriter file, bool isZip64, int count, long start, long size)
    {
        if (isZip64)
        {
            long record = file.BaseStream.Length;
            file.Write(0x06064b50u);
            file.Write(44UL);
            Write16(file, 0, 0);
            Write32(file, 0, 0);
            file.Write((ulong)count);
            file.Write((ulong)count);
            file.Write((ulong)size);
            file.Write((ulong)start);
            Write32(file, 0x07064b50, 0);
            file.Write((ulong)record);
            file.Write(1u);
        }

        file.Write(0x06054b50u);
        Write16(file, 0, 0, isZip64 ? 0xffff : count, isZip64 ? 0xffff : count);
        Write32(file, isZip64 ? uint.MaxValue : (uint)size, isZip64 ? uint.MaxValue : (uint)start);
        Write16(file, 0);
    }

    private static void Write16(BinaryWriter writer, params ReadOnlySpan<int> values)
    {
        foreach (int value in values)
        {
            writer.Write((ushort)value);
        }
    }

    private static void Write32(BinaryWriter writer, params ReadOnlySpan<uint> values)
    {
        foreach (uint value in values)
        {
            writer.Write(value);
        }
    }
}
