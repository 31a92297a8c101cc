using System.Globalization;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// Notes every second up to which address the store has committed, in a file and in the store itself. A store that
/// recovers to an earlier one, or without the note, has lost acknowledged writes (its log was cut, emptied, deleted or
/// replaced), and that is said instead of served.
/// </summary>
/// <remarks>
/// The store's own address alone proves nothing: it comes from the commit metadata, which outlives the log. That the
/// note was replayed proves that the log was read up to it.
/// </remarks>
internal sealed class StoreWatermark(
    DataDirectory directory, IConnectionMultiplexer store, LogDigest digest, TimeProvider clock) : BackgroundService
{
    private const string Key = "adapt/mark";

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private long _noted;

    /// <exception cref="StoreException">The store recovered less than it had acknowledged.</exception>
    public async Task CheckAsync()
    {
        if (!File.Exists(directory.WatermarkPath))
        {
            return;
        }

        string[] numbers = File.ReadAllText(directory.WatermarkPath).Split(' ');
        long after = 0;
        if (numbers.Length > 2 || !TryParse(numbers[0], out long noted) || (numbers.Length == 2 && !TryParse(numbers[1], out after)))
        {
            throw new StoreException(
                $"data directory '{directory.Root}' is damaged: {Path.GetFileName(directory.WatermarkPath)} is not two numbers; restore it from a backup.",
                isRetryable: false);
        }

        // Early builds noted one number, and nothing in the store.
        bool isEarly = numbers.Length == 1;
        long replayed = isEarly ? noted : (long?)await store.GetDatabase().StringGetAsync(Key) ?? 0;
        long recovered = Math.Min(replayed, await CommittedAddressAsync());
        if (recovered < noted)
        {
            throw new StoreException(
                $"the store in '{directory.StorePath}' has lost acknowledged writes (it ends at {recovered}, it had reached {noted}); "
                + $"restore the data directory from a backup, or delete '{directory.WatermarkPath}' to go on with what is left.",
                isRetryable: false);
        }

        _noted = after;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryNoteAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryNoteAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops; StopAsync notes the last address.
        }
    }

    /// <summary>A store or a disk that does not answer now must not end the silo: an older address is still a true one.</summary>
    private async Task TryNoteAsync()
    {
        try
        {
            await NoteAsync();
        }
        catch (Exception error) when (error is RedisException or TimeoutException or IOException or UnauthorizedAccessException)
        {
            // Noted the next time.
        }
    }

    private async Task NoteAsync()
    {
        long committed = await CommittedAddressAsync();
        if (committed <= _noted || DiskSpace.IsExhausted(directory.Root))
        {
            return;
        }

        // Durable in the store before it is demanded of the store.
        await store.GetDatabase().StringSetAsync(Key, committed);

        // The note is a write too, and must not call for the next one, also not in the next process.
        long after = await CommittedAddressAsync();
        digest.Note(committed);
        DataDirectory.WriteAtomically(directory.WatermarkPath, string.Create(CultureInfo.InvariantCulture, $"{committed} {after}"));
        _noted = after;
    }

    private static bool TryParse(string text, out long address) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out address);

    // Never waited for by a thread of the pool: the store in this process answers by threads of the same pool.
    private async Task<long> CommittedAddressAsync()
    {
        const string field = "CommittedUntilAddress:";
        string info = (string?)await store.GetDatabase().ExecuteAsync("INFO", "PERSISTENCE") ?? string.Empty;
        string line = info.Split('\n').Select(entry => entry.Trim()).First(entry => entry.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(field.Length), NumberStyles.Integer, CultureInfo.InvariantCulture);
    }
}
