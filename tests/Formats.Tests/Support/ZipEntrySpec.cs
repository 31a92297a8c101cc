namespace AdaptCluster.Formats.Tests.Support;

/// <summary>An entry to be written, with all that can be wrong about it.</summary>
internal sealed record ZipEntrySpec(string Name, byte[] Content)
{
    public int Method { get; init; }

    public int Flags { get; init; }

    /// <summary>What the directory says instead of the CRC-32 of the content.</summary>
    public uint? Crc { get; init; }

    /// <summary>What the directory says instead of the content's length.</summary>
    public uint? Length { get; init; }

    /// <summary>What the directory says instead of the content's length in the file.</summary>
    public uint? StoredLength { get; init; }

    /// <summary>Where the directory says that the entry is.</summary>
    public uint? Offset { get; init; }

    /// <summary>The name in the entry's own header.</summary>
    public string? LocalName { get; init; }

    /// <summary>Whether sizes and place are in a zip64 field.</summary>
    public bool IsZip64 { get; init; }
}
