using System.Diagnostics;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.Stores;

namespace AdaptCluster.Silo.DataDirectories;

/// <summary>
/// Refuses writes while there is still room, so that the store never meets a full disk in the middle of one.
/// </summary>
/// <param name="root">What is on the disk, for errors.</param>
/// <param name="free">Asks for the free bytes.</param>
/// <param name="memory">Where the store has its records beside the disk; null where a server has them.</param>
internal sealed class DiskSpace(string root, Func<long> free, StoreMemory? memory = null)
{
    /// <summary>What must be free to start: the store's log, a checkpoint of it, and the reserve.</summary>
    public const long AtStart = 64L << 20;

    /// <summary>What is never used: the store's own writing must not fail.</summary>
    public const long Reserve = 24L << 20;

    private static readonly TimeSpan s_validity = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private long _checked;
    private long _free;

    /// <param name="root">A folder on the disk.</param>
    /// <param name="memory">Where the store has its records beside the disk; null where a server has them.</param>
    public DiskSpace(string root, StoreMemory? memory = null)
        : this(root, () => new DriveInfo(root).AvailableFreeSpace, memory)
    {
    }

    /// <summary>The free bytes now.</summary>
    public long Free => free();

    /// <param name="bytes">Of the record.</param>
    /// <param name="isNew">Whether it is not there yet.</param>
    /// <exception cref="StoreException">A record of that many bytes would use the reserve, or finds no room in the store's memory.</exception>
    public void RequireRoomForRecord(long bytes, bool isNew)
    {
        memory?.RequireRoomFor(bytes, isNew);
        RequireRoomFor(bytes);
    }

    /// <exception cref="StoreException">A write of that many bytes would use the reserve.</exception>
    public void RequireRoomFor(long bytes)
    {
        lock (_gate)
        {
            if (_checked == 0 || Stopwatch.GetElapsedTime(_checked) > s_validity)
            {
                _free = free();
                _checked = Stopwatch.GetTimestamp();
            }

            if (_free - bytes < Reserve)
            {
                throw Full(root, _free, Reserve + bytes);
            }

            _free -= bytes;
        }
    }

    public static void Require(string root, long bytes)
    {
        long left = new DriveInfo(root).AvailableFreeSpace;
        if (left < bytes)
        {
            throw Full(root, left, bytes);
        }
    }

    /// <summary>Whether not even the store's own small writes may be made.</summary>
    public static bool IsExhausted(string root) => new DriveInfo(root).AvailableFreeSpace < 1L << 20;

    private static StoreException Full(string root, long free, long needed) => new(
        $"the disk of '{root}' has {free >> 20} MB free and {needed >> 20} MB are needed; free some space or move the folder.",
        isRetryable: true);
}
