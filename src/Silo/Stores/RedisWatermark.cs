using System.Globalization;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Counts in the server, and notes the count in the folder beside it. A server that has counted less than was noted went back in time
/// (an older copy was restored, or its log was cut), and that is said instead of served.
/// </summary>
/// <remarks>All silos count and note. The count is durable in the server before it is noted; what came in the seconds after the last note is not covered.</remarks>
internal sealed class RedisWatermark(IConnectionMultiplexer connection, string folder, TimeProvider clock) : BackgroundService
{
    private const string Key = "adapt/count";
    private const string FileName = "store.count";

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private string FilePath => Path.Combine(folder, FileName);

    /// <exception cref="StoreException">The server has lost acknowledged writes, or the note is damaged.</exception>
    public async Task CheckAsync()
    {
        if (!File.Exists(FilePath))
        {
            return;
        }

        if (!long.TryParse(await File.ReadAllTextAsync(FilePath), NumberStyles.None, CultureInfo.InvariantCulture, out long noted))
        {
            throw new StoreException($"'{FilePath}' is damaged: it is no number; delete it to go on without knowing whether the server is the newest.", isRetryable: false);
        }

        long counted = (long?)await connection.GetDatabase().StringGetAsync(Key) ?? 0;
        if (counted < noted)
        {
            throw new StoreException(
                $"the Redis server has lost acknowledged writes (it has counted to {counted}, '{FilePath}' says {noted}): it went back in time; "
                + "restore its newest log, or delete that file to go on with what it has.",
                isRetryable: false);
        }
    }

    /// <summary>Counts once, and notes it.</summary>
    public async Task NoteAsync()
    {
        long count = await connection.GetDatabase().StringIncrementAsync(Key);
        if (!DiskSpace.IsExhausted(folder))
        {
            DataDirectory.WriteAtomically(FilePath, count.ToString(CultureInfo.InvariantCulture), $".{Guid.NewGuid():N}");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await NoteAsync();
                }
                catch (Exception error) when (error is RedisException or TimeoutException or IOException or UnauthorizedAccessException)
                {
                    // Noted the next time: an older count is still a true one.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }
}
