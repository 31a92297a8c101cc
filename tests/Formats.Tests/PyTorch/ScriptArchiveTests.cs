using System.IO.Compression;
using AdaptCluster.Formats.PyTorch;
using AdaptCluster.Formats.Tests.Support;
using AdaptCluster.Formats.Zip;

namespace AdaptCluster.Formats.Tests.PyTorch;

public sealed class ScriptArchiveTests
{
    [Fact]
    public void Check_ArchiveThatTorchWrote_Passes() => ScriptArchive.Check(Fixtures.Read("script.pt"), "script.pt");

    [Theory]
    [InlineData("plain.pt", "TorchScript")]
    [InlineData("legacy.pt", "1.6")]
    public void Check_OtherFiles_Refused(string name, string problem) => Assert.Contains(
        problem, Hostile.Refused(Fixtures.Read(name), bytes => ScriptArchive.Check(bytes, name)).Problem, StringComparison.Ordinal);

    [Fact]
    public void Check_EveryByteOfEveryContentFlipped_RefusedByTheEntrysName()
    {
        byte[] file = Fixtures.Read("script.pt");
        var directory = ZipDirectory.Read(new ModelSource(file, "script.pt"));
        foreach ((string name, ZipEntry entry) in directory.Entries)
        {
            for (int i = 0; i < entry.StoredLength; i++)
            {
                byte[] damaged = [.. file];
                damaged[entry.Start + i] ^= 0x10;

                // There is more than one way to deflate a text: some flips change nothing in it.
                ModelFileException? error = Hostile.Read(damaged, bytes => ScriptArchive.Check(bytes, "script.pt"));
                Assert.True(error is not null || (entry.IsDeflated && Inflate(damaged, name).AsSpan().SequenceEqual(Inflate(file, name))), $"byte {i} of {name}");
                Assert.True(error is null || error.Where == $"entry {Quote.One(name)}");
            }
        }
    }

    [Fact]
    public void Check_CodeThatInflatesBeyondTheLimit_RefusedWithoutInflatingIt()
    {
        byte[] bomb = Script(new ZipEntrySpec("m/code/a.py", new byte[StoredZip.MaxInflatedBytes + 1]) { Method = 8 });

        Assert.Contains("64 MB", Hostile.Refused(bomb, Check).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_CodeThatInflatesToMoreThanItSays_Refused()
    {
        byte[] bomb = Script(new ZipEntrySpec("m/code/a.py", new byte[1 << 20]) { Method = 8, Length = 10 });

        Assert.Contains("checksum", Hostile.Refused(bomb, Check).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_CodeWithinTheLimit_PassesInBoundedMemory() =>
        Assert.Null(Hostile.Read(Script(new ZipEntrySpec("m/code/a.py", new byte[8 << 20]) { Method = 8 }), Check));

    /// <summary>The oracle: .NET's own reader.</summary>
    private static byte[] Inflate(byte[] file, string name)
    {
        using var archive = new ZipArchive(new MemoryStream(file));
        using Stream entry = archive.GetEntry(name)!.Open();
        using var content = new MemoryStream();
        entry.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] Script(ZipEntrySpec code) => ZipWriter.Write(new ZipEntrySpec("m/data.pkl", []), code, new ZipEntrySpec("m/constants.pkl", []));

    private static void Check(ReadOnlyMemory<byte> file) => ScriptArchive.Check(file, "m.pt");
}
