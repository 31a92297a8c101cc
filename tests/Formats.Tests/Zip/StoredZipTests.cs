using System.IO.Compression;
using System.Runtime.InteropServices;
using AdaptCluster.Formats.Tests.Support;
using AdaptCluster.Formats.Zip;
using CsCheck;

namespace AdaptCluster.Formats.Tests.Zip;

public sealed class StoredZipTests
{
    private static readonly ZipEntrySpec A = new("m/a", [1, 2, 3]);
    private static readonly ZipEntrySpec B = new("m/b", []);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Read_WholeArchive_ViewsOfItsEntries(bool endsInZip64, bool hasZip64Entries)
    {
        byte[] file = endsInZip64
            ? ZipWriter.Write64(A with { IsZip64 = hasZip64Entries }, B with { IsZip64 = hasZip64Entries })
            : ZipWriter.Write(A with { IsZip64 = hasZip64Entries }, B with { IsZip64 = hasZip64Entries });

        var zip = StoredZip.Read(ZipDirectory.Read(new ModelSource(file, "m")), DeflatedEntries.Refuse);

        Assert.True(zip.TryFind("m/a", out ReadOnlyMemory<byte> a));
        Assert.Equal([1, 2, 3], a.ToArray());
        Assert.True(MemoryMarshal.TryGetArray(a, out ArraySegment<byte> view));
        Assert.Same(file, view.Array);
        Assert.True(zip.TryFind("m/b", out ReadOnlyMemory<byte> b));
        Assert.Equal(0, b.Length);
        Assert.False(zip.TryFind("m/c", out _));
    }

    /// <summary>The oracle is .NET's own writer.</summary>
    [Fact]
    public void Read_ArchivesOfAnotherWriter_SameContents() => Gen.Byte.Array[0, 50].Array[0, 6].Sample(contents =>
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < contents.Length; i++)
            {
                using Stream entry = archive.CreateEntry($"m/{i}", CompressionLevel.NoCompression).Open();
                entry.Write(contents[i]);
            }
        }

        var zip = StoredZip.Read(ZipDirectory.Read(new ModelSource(stream.ToArray(), "m")), DeflatedEntries.Check);

        Assert.All(contents.Index(), content =>
        {
            Assert.True(zip.TryFind($"m/{content.Index}", out ReadOnlyMemory<byte> found));
            Assert.Equal(content.Item, found.ToArray());
        });
    });

    public static TheoryData<string, byte[]> Archives => new()
    {
        { "encrypted", ZipWriter.Write(A with { Flags = 1 }) },
        { "encrypted", ZipWriter.Write(A with { Flags = 0x40 }) },
        { "encrypted", ZipWriter.Write(A with { Flags = 0x2000 }) },
        { "flags 0x20", ZipWriter.Write(A with { Flags = 0x20 }) },
        { "method 12", ZipWriter.Write(A with { Method = 12 }) },
        { "compressed", ZipWriter.Write(A with { Method = 8 }) },
        { "checksum", ZipWriter.Write(A with { Crc = 7 }) },
        { "checksum", ZipWriter.Write(A with { Length = 2, StoredLength = 2 }) },
        { "sizes", ZipWriter.Write(A with { Length = 4 }) },
        { "beyond", ZipWriter.Write(A with { Length = 1 << 20, StoredLength = 1 << 20 }) },
        { "beyond", ZipWriter.Write(A with { IsZip64 = true, Length = uint.MaxValue, StoredLength = uint.MaxValue }) },
        { "zip64 sizes", ZipWriter.Write(A with { Length = uint.MaxValue, StoredLength = uint.MaxValue }) },
        { "not where", ZipWriter.Write(A with { Offset = 1 << 20 }) },
        { "not where", ZipWriter.Write(A with { Offset = 1 }) },
        { "two headers", ZipWriter.Write(A with { LocalName = "m/x" }) },
        { "overlap", Overlapping() },
        { "there twice", ZipWriter.Write(A, A) },
        { "inside the archive", ZipWriter.Write(A with { Name = "../a" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "m/../../a" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "/etc/passwd" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "C:/a" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "..\\a" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "m//a" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "m/./a" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "m/" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "" }) },
        { "inside the archive", ZipWriter.Write(A with { Name = "m/a\0" }) },
        { "does not end", [.. ZipWriter.Write(A), 0] },
        { "does not end", ZipWriter.Write(A)[..^1] },
        { "does not end", [] },
        { "where it should be", [0, .. ZipWriter.Write(A)] },
        { "where it should be", [0, .. ZipWriter.Write64(A)] },
        { "does not hold", With(ZipWriter.Write(A), 14, 0xff, 0xff, 0xff, 0xff) },
        { "several files", With(ZipWriter.Write(A), 18, 1) },
        { "several files", With(ZipWriter.Write(A), 12, 2, 0, 1, 0) },
        { "holds more", With(ZipWriter.Write(A, B), 14, 1, 0, 1, 0) },
        { "do not agree", With(ZipWriter.Write64(A), 12, 5, 0, 5, 0) },
    };

    [Theory]
    [MemberData(nameof(Archives))]
    public void Read_ArchiveThatIsWrong_SaysWhatIs(string problem, byte[] archive) =>
        Assert.Contains(problem, Hostile.Refused(archive, Read).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_ManyEntriesOverOneContent_Refused()
    {
        // What makes a bomb without nested archives: thousands of names for one entry.
        byte[] file = ZipWriter.Write([new("m/a", new byte[1 << 16]), .. Enumerable.Range(0, 1000).Select(_ => new ZipEntrySpec("m/a", []) { Offset = 0 })]);

        Hostile.Refused(file, Read);
    }

    [Fact]
    public void Read_ManyEmptyEntries_BoundedMemory()
    {
        byte[] file = ZipWriter.Write(Enumerable.Range(0, 60_000).Select(i => new ZipEntrySpec($"m/{i}", [])));

        Assert.Null(Hostile.Read(file, Read));
    }

    private static void Read(ReadOnlyMemory<byte> file) => StoredZip.Read(ZipDirectory.Read(new ModelSource(file, "m")), DeflatedEntries.Refuse);

    /// <summary>An entry whose content is another entry.</summary>
    private static byte[] Overlapping()
    {
        byte[] inner = ZipWriter.Write(A)[..(30 + 3 + 3)];
        return ZipWriter.Write(new ZipEntrySpec("m/o", inner), A with { Offset = 30 + 3 });
    }

    /// <summary>The archive with other bytes some places before its end.</summary>
    private static byte[] With(byte[] archive, int beforeEnd, params byte[] bytes)
    {
        bytes.CopyTo(archive, archive.Length - beforeEnd);
        return archive;
    }
}
