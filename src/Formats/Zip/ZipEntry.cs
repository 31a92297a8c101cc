namespace AdaptCluster.Formats.Zip;

/// <summary>Where an entry's content is in the archive, and what it must be.</summary>
/// <param name="Start">Where the content starts, in bytes from the start of the file.</param>
/// <param name="StoredLength">How many bytes it has in the file.</param>
/// <param name="Length">How many bytes it has once inflated; the same where it is stored.</param>
/// <param name="Crc">The CRC-32 of the inflated content.</param>
/// <param name="IsDeflated">Whether it is compressed by deflate; otherwise it is stored as it is.</param>
internal readonly record struct ZipEntry(int Start, int StoredLength, int Length, uint Crc, bool IsDeflated);
