using System.Globalization;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Notes every second up to which address the store has committed. A store that recovers to an earlier one has lost
/// acknowledged writes (its log was cut, deleted or replaced), and that is said instead of served.
/// </summary>
internal sealed class StoreWatermark(DataDirectory directory, IConnectionMultiplexer store, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private long _noted;

    /// <exception cref="StoreException">The store recovered less than it had acknowledged.</exception>
    public void Check()
    {
        if (!File.Exists(directory.WatermarkPath))
        {
            return;
        }

        string text = File.ReadAllText(directory.WatermarkPath);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long noted))
        {
            throw new StoreException(
                $"data directory '{directory.Root}' is damaged: {Path.GetFileName(directory.WatermarkPath)} is not a number; restore it from a backup.",
                isRetryable: false);
        }

        long recovered = CommittedAddress();
        if (recovered < noted)
        {
            throw new StoreException(
                $"the store in '{directory.StorePath}' has lost acknowledged writes (it ends at {recovered}, it had reached {noted}); "
                + $"restore the data directory from a backup, or delete '{directory.WatermarkPath}' to go on with what is left.",
                isRetryable: false);
        }

        _noted = noted;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        TryNote();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                TryNote();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops; StopAsync notes the last address.
        }
    }

    /// <summary>A store or a disk that does not answer now must not end the silo: an older address is still a true one.</summary>
    private void TryNote()
    {
        try
        {
            Note();
        }
        catch (Exception error) when (error is RedisException or TimeoutException or IOException or UnauthorizedAccessException)
        {
            // Noted the next time.
        }
    }

    private void Note()
    {
        long committed = CommittedAddress();
        if (committed > _noted && !DiskSpace.IsExhausted(directory.Root))
        {
            DataDirectory.WriteAtomically(directory.WatermarkPath, committed.ToString(CultureInfo.InvariantCulture));
            _noted = committed;
        }
    }

    private long CommittedAddress()
    {
        const string field = "CommittedUntilAddress:";
        string info = (string?)store.GetDatabase().Execute("INFO", "PERSISTENCE") ?? string.Empty;
        string line = info.Split('\n').Select(entry => entry.Trim()).First(entry => entry.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(field.Length), NumberStyles.Integer, CultureInfo.InvariantCulture);
    }
}
