using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests.DataDirectories;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TryOpen_NewFolder_CreatedWithItsLayout()
    {
        string path = _folder["new", "deep"];

        using DataDirectory? directory = DataDirectory.TryOpen(path, SiloRole.Shared);

        Assert.Equal(path, directory!.Root);
        Assert.Equal("{\"version\":1}", File.ReadAllText(Path.Combine(path, "layout.json")));
    }

    [Fact]
    public void TryOpen_ClosedBefore_OpensAgain()
    {
        DataDirectory.TryOpen(_folder.Path, SiloRole.Private)!.Dispose();

        using DataDirectory? again = DataDirectory.TryOpen(_folder.Path, SiloRole.Private);

        Assert.NotNull(again);
    }

    [Fact]
    public void TryOpen_HeldByAnother_NullUntilItIsClosed()
    {
        DataDirectory holder = DataDirectory.TryOpen(_folder.Path, SiloRole.Private)!;

        Assert.Null(DataDirectory.TryOpen(_folder.Path, SiloRole.Private));
        Assert.Null(DataDirectory.TryOpen(_folder.Path + Path.DirectorySeparatorChar, SiloRole.Shared));
        holder.Dispose();
        using DataDirectory? next = DataDirectory.TryOpen(_folder.Path, SiloRole.Private);
        Assert.NotNull(next);
    }

    [Fact]
    public void ReadOwner_HeldPublishedAndClosed_WhatTheOwnerSaid()
    {
        Assert.Null(DataDirectory.ReadOwner(_folder.Path));
        DataDirectory directory = DataDirectory.TryOpen(_folder.Path, SiloRole.Shared)!;

        Assert.Equal(new DirectoryOwner(Environment.ProcessId, SiloRole.Shared, null), DataDirectory.ReadOwner(_folder.Path));
        directory.Publish(new DirectoryOwner(7, SiloRole.Private, "127.0.0.1:5"));
        Assert.Equal(new DirectoryOwner(7, SiloRole.Private, "127.0.0.1:5"), DataDirectory.ReadOwner(_folder.Path));
        directory.Dispose();
        Assert.Null(DataDirectory.ReadOwner(_folder.Path));
    }

    [Fact]
    public void ReadOwner_HalfWritten_Null()
    {
        File.WriteAllText(_folder["owner.json"], "{\"processId\":");

        Assert.Null(DataDirectory.ReadOwner(_folder.Path));
    }

    [Fact]
    public void InUse_HeldDirectory_NamesTheProcess()
    {
        using DataDirectory? directory = DataDirectory.TryOpen(_folder.Path, SiloRole.Private);

        Assert.Equal(
            $"--data-dir: '{_folder.Path}' is in use by process {Environment.ProcessId}; "
            + "wait until it ends, or start one silo with 'adapt silo' that all commands share.",
            SharedSilo.InUse(_folder.Path).Message);
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("lock")]
    public void TryOpen_FolderOfSomethingElse_RefusedAndUntouched(string name)
    {
        File.WriteAllText(_folder[name], "mine");
        File.WriteAllText(_folder["other"], "mine");

        InvalidInputException error = Assert.Throws<InvalidInputException>(() => DataDirectory.TryOpen(_folder.Path, SiloRole.Private));

        Assert.Equal($"--data-dir: '{_folder.Path}' holds other things than a data directory; name a new or an empty folder.", error.Message);
        Assert.Equal(new[] { name, "other" }.Order(), _folder.Entries());
        Assert.Equal("mine", File.ReadAllText(_folder[name]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("\0\0\0\0")]
    [InlineData("{\"version\":\"one\"}")]
    public void TryOpen_LayoutNotReadable_DamagedAndFreeForAnother(string layout)
    {
        File.WriteAllText(_folder["layout.json"], layout);

        for (int i = 0; i < 2; i++)
        {
            StoreException error = Assert.Throws<StoreException>(() => DataDirectory.TryOpen(_folder.Path, SiloRole.Private));
            Assert.Equal(
                $"data directory '{_folder.Path}' is damaged: layout.json is not readable; restore it from a backup, or name another folder.",
                error.Message);
            Assert.False(error.IsRetryable);
        }
    }

    [Theory]
    [InlineData("{\"version\":2}", 2)]
    [InlineData("{}", 0)]
    public void TryOpen_LayoutOfAnotherVersion_Refused(string layout, int version)
    {
        File.WriteAllText(_folder["layout.json"], layout);

        StoreException error = Assert.Throws<StoreException>(() => DataDirectory.TryOpen(_folder.Path, SiloRole.Private));

        Assert.Equal(
            $"data directory '{_folder.Path}' has layout {version}, this version reads 1; use the version that wrote it.", error.Message);
    }

    [Theory]
    [InlineData("store", true)]
    [InlineData("store.mark", false)]
    public void TryOpen_StoreWithoutLayout_Damaged(string name, bool isFolder)
    {
        if (isFolder)
        {
            Directory.CreateDirectory(_folder[name]);
        }
        else
        {
            File.WriteAllText(_folder[name], "5");
        }

        StoreException error = Assert.Throws<StoreException>(() => DataDirectory.TryOpen(_folder.Path, SiloRole.Private));

        Assert.Contains("is damaged: it has a store but no layout.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryOpen_PathOfAFile_Refused()
    {
        string path = _folder["file"];
        File.WriteAllText(path, "mine");

        InvalidInputException error = Assert.Throws<InvalidInputException>(() => DataDirectory.TryOpen(path, SiloRole.Private));

        Assert.StartsWith($"--data-dir: '{path}' is a file (", error.Message);
        Assert.EndsWith("name a folder.", error.Message);
    }

    [Fact]
    public void TryOpen_PathBelowAFile_Refused()
    {
        File.WriteAllText(_folder["file"], "mine");

        InvalidInputException error = Assert.Throws<InvalidInputException>(() => DataDirectory.TryOpen(_folder["file", "below"], SiloRole.Private));

        Assert.Equal("--data-dir", error.Input);
    }
}
