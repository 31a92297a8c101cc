using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;

namespace AdaptCluster.Formats.Zip;

/// <summary>
/// A zip archive in memory whose every entry has been checked against its CRC-32, and which gives stored entries as views.
/// PyTorch stores all but the program text of TorchScript.
/// </summary>
internal sealed class StoredZip
{
    /// <summary>The most bytes that all compressed entries of an archive may inflate to.</summary>
    public const int MaxInflatedBytes = 64 << 20;

    private const int ChunkBytes = 16 << 10;

    private readonly ZipDirectory _directory;

    private StoredZip(ZipDirectory directory) => _directory = directory;

    /// <summary>Checks the contents of an archive.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="deflated">What to do about compressed entries.</param>
    /// <exception cref="ModelFileException">
    /// A content does not match its checksum, or is compressed where that is refused or inflates to too much.
    /// </exception>
    public static StoredZip Read(ZipDirectory directory, DeflatedEntries deflated)
    {
        ModelSource source = directory.Source;
        long inflated = 0;
        foreach ((string name, ZipEntry entry) in directory.Entries)
        {
            if (entry.IsDeflated)
            {
                inflated += entry.Length;
                RequireAllowed(source, name, deflated, inflated);
            }

            ReadOnlyMemory<byte> content = source.Bytes.Slice(entry.Start, entry.StoredLength);
            bool isWhole = entry.IsDeflated ? IsWholeInflated(content, entry, source.Budget) : Crc32.HashToUInt32(content.Span) == entry.Crc;
            if (!isWhole)
            {
                throw source.Wrong($"entry {Quote.One(name)}", "its content is damaged: it does not match its checksum");
            }
        }

        return new StoredZip(directory);
    }

    /// <summary>The content of a stored entry, without a copy, if there is one of that name.</summary>
    public bool TryFind(string name, out ReadOnlyMemory<byte> content)
    {
        bool isThere = _directory.Entries.TryGetValue(name, out ZipEntry entry) && !entry.IsDeflated;
        content = isThere ? _directory.Source.Bytes.Slice(entry.Start, entry.StoredLength) : default;
        return isThere;
    }

    private static void RequireAllowed(ModelSource source, string name, DeflatedEntries deflated, long inflated)
    {
        if (deflated == DeflatedEntries.Refuse)
        {
            throw source.Wrong(
                $"entry {Quote.One(name)}", "it is compressed, which PyTorch never does", "write it with torch.save, not with a zip program");
        }

        if (inflated > MaxInflatedBytes)
        {
            throw source.Wrong(
                $"entry {Quote.One(name)}", $"its compressed entries inflate to more than {MaxInflatedBytes >> 20} MB", Remedies.SaveAgain);
        }
    }

    private static bool IsWholeInflated(ReadOnlyMemory<byte> content, ZipEntry entry, MemoryBudget budget)
    {
        budget.Take(content.Length + (8 * MemoryBudget.Object));
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            using var inflater = new DeflateStream(new MemoryStream(content.ToArray()), CompressionMode.Decompress);
            var crc = new Crc32();
            int left = entry.Length;

            // One byte more than announced is asked for, never more is produced.
            for (int read; (read = inflater.Read(chunk, 0, (int)Math.Min(chunk.Length, left + 1L))) > 0; left -= read)
            {
                if (read > left)
                {
                    return false;
                }

                crc.Append(chunk.AsSpan(0, read));
            }

            return left == 0 && crc.GetCurrentHashAsUInt32() == entry.Crc;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
