namespace AdaptCluster.Processes.Tests.Support;

/// <summary>A file system in memory of a given size. Mounting needs root; where that is not to be had, the test is skipped.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly DataFolder _folder;

    private SmallDisk(DataFolder folder) => _folder = folder;

    public string Path => _folder.DataDirectory;

    public string Filler => System.IO.Path.Combine(Path, "filler");

    public long Free => new DriveInfo(Path).AvailableFreeSpace;

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a small disk is a Linux tmpfs");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small disk needs root");
        var folder = new DataFolder();
        try
        {
            Directory.CreateDirectory(folder.DataDirectory);
            await using ChildProcess mount = ChildProcess.Start(
                "mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "adapt-tests", folder.DataDirectory);
            CommandResult mounted = await mount.EndAsync();
            Assert.SkipUnless(mounted.ExitCode == 0, $"mounting a small disk is not permitted here: {mounted.Error.Trim()}");
            return new SmallDisk(folder);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Lets the filler grow until only so much is free.</summary>
    public void FillUpTo(long free)
    {
        byte[] block = new byte[1 << 16];
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, 0);
        try
        {
            while (Free > free)
            {
                filler.Write(block, 0, (int)Math.Min(block.Length, Free - free));
            }
        }
        catch (IOException) when (Free == 0)
        {
            // Full is full.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using (ChildProcess unmount = ChildProcess.Start("umount", "--lazy", Path))
        {
            await unmount.EndAsync();
        }

        _folder.Dispose();
    }
}
