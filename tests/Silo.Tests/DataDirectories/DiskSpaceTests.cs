using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests.DataDirectories;

public sealed class DiskSpaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Require_MoreThanIsFree_SaysHowMuch()
    {
        StoreException error = Assert.Throws<StoreException>(() => DiskSpace.Require(_folder.Path, 1L << 60));

        Assert.Matches(
            $"^the disk of '{_folder.Path}' has [0-9]+ MB free and 1099511627776 MB are needed; free some space or move the folder\\.$",
            error.Message);
        Assert.True(error.IsRetryable);
    }

    [Fact]
    public void RequireRoomFor_WhatIsFreeButForTheReserve_Refused()
    {
        var disk = new DiskSpace(_folder.Path);
        disk.RequireRoomFor(1);

        StoreException error = Assert.Throws<StoreException>(() => disk.RequireRoomFor(new DriveInfo(_folder.Path).AvailableFreeSpace - DiskSpace.Reserve + (1 << 24)));

        Assert.Contains("MB are needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RequireRoomFor_WithinOneLookAtTheDisk_WritesAddUp()
    {
        var disk = new DiskSpace(_folder.Path);
        long half = (new DriveInfo(_folder.Path).AvailableFreeSpace - DiskSpace.Reserve) / 2;

        disk.RequireRoomFor(half + (1 << 24));

        Assert.Throws<StoreException>(() => disk.RequireRoomFor(half + (1 << 24)));
    }

    [Fact]
    public void IsExhausted_ThisDisk_No() => Assert.False(DiskSpace.IsExhausted(_folder.Path));
}
