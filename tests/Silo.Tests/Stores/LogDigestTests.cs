using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Stores;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests.Stores;

/// <summary>The digest over files that look like the store's log: what was noted is checked, whatever segment it is in.</summary>
public sealed class LogDigestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DataDirectory _directory;

    public LogDigestTests()
    {
        _directory = DataDirectory.TryOpen(_folder.Path, SiloRole.Private)!;
        Directory.CreateDirectory(Path.Combine(_directory.StorePath, "AOF"));
    }

    public void Dispose()
    {
        _directory.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Verify_LogGrewOverASegmentInSeveralNotes_SameBytesPass()
    {
        Write(0, (int)LogDigest.SegmentBytes);
        Write(1, 5000);
        var digest = new LogDigest(_directory);
        digest.Note(1000);
        digest.Note(LogDigest.SegmentBytes - 1);
        digest.Note(LogDigest.SegmentBytes + 5000);

        new LogDigest(_directory).Verify();

        Assert.Equal(2, File.ReadAllLines(_directory.DigestPath).Length);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, (int)LogDigest.SegmentBytes - 1)]
    [InlineData(1, 0)]
    [InlineData(1, 4999)]
    public void Verify_OneNotedByteChanged_Refused(int segment, int at)
    {
        Write(0, (int)LogDigest.SegmentBytes);
        Write(1, 6000);
        new LogDigest(_directory).Note(LogDigest.SegmentBytes + 5000);
        Change(segment, at);

        StoreException error = Assert.Throws<StoreException>(new LogDigest(_directory).Verify);

        Assert.Contains($"aof.log.{segment} differs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ByteAfterTheNoteChanged_Passes()
    {
        Write(0, 6000);
        new LogDigest(_directory).Note(5000);
        Change(0, 5000);

        new LogDigest(_directory).Verify();
    }

    [Fact]
    public void Note_AfterVerify_GoesOnFromWhatWasNoted()
    {
        Write(0, 6000);
        new LogDigest(_directory).Note(3000);
        var next = new LogDigest(_directory);
        next.Verify();
        next.Note(6000);
        string continued = File.ReadAllText(_directory.DigestPath);

        File.Delete(_directory.DigestPath);
        new LogDigest(_directory).Note(6000);

        Assert.Equal(File.ReadAllText(_directory.DigestPath), continued);
    }

    [Fact]
    public void Note_CheckpointRemovedASegment_ForgetsIt()
    {
        Write(0, (int)LogDigest.SegmentBytes);
        Write(1, 100);
        var digest = new LogDigest(_directory);
        digest.Note(LogDigest.SegmentBytes + 50);
        File.Delete(PathOf(0));

        digest.Note(LogDigest.SegmentBytes + 100);

        Assert.StartsWith("1 100 ", File.ReadAllText(_directory.DigestPath), StringComparison.Ordinal);
        new LogDigest(_directory).Verify();
    }

    [Fact]
    public void Verify_NoteIsGarbage_RefusedNamingTheFile()
    {
        File.WriteAllText(_directory.DigestPath, "many");

        StoreException error = Assert.Throws<StoreException>(new LogDigest(_directory).Verify);

        Assert.Equal($"data directory '{_directory.Root}' is damaged: store.sums is not readable; restore it from a backup.", error.Message);
    }

    private string PathOf(int segment) => Path.Combine(_directory.StorePath, "AOF", $"aof.log.{segment}");

    private void Write(int segment, int length)
    {
        byte[] bytes = new byte[length];
        new Random(segment).NextBytes(bytes);
        File.WriteAllBytes(PathOf(segment), bytes);
    }

    private void Change(int segment, int at)
    {
        using FileStream file = File.Open(PathOf(segment), FileMode.Open);
        file.Position = at;
        int value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }
}
