using System.Globalization;
using AdaptCluster.Grains.Interfaces.Errors;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>
/// The memory that the embedded store has its records in. It has no other place for them: once it is used up, Garnet drops the oldest and
/// says nothing. So writes are refused before that, and a store that has dropped some is not served.
/// </summary>
/// <remarks>Looked at every second; what is written in between counts along.</remarks>
/// <param name="store">A connection to it.</param>
/// <param name="name">What it is called in errors.</param>
/// <param name="clock">Says when to look.</param>
internal sealed class StoreMemory(IConnectionMultiplexer store, string name, TimeProvider clock) : BackgroundService
{
    /// <summary>The share that new records may use.</summary>
    private const double ForNew = 0.9;

    /// <summary>The share that changes of records may use, so that tasks can still be deleted. The rest is for what the store needs around a record.</summary>
    private const double ForChanges = 0.95;

    /// <summary>Where the records of a store begin that has never dropped any; nothing else cuts them at the front.</summary>
    private const long FirstAddress = 64;

    private const string Remedy = "use a machine (or container) with more memory, or silos over a Redis server: 'adapt backup' and 'adapt restore' move everything";

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private long _all = long.MaxValue;
    private long _used;

    /// <summary>Bytes for records: a quarter of what this process may use, at least 256 MB.</summary>
    public static long DefaultBytes { get; } = Math.Max(256L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>Looks for the first time, after the log was replayed.</summary>
    /// <exception cref="StoreException">There are more records than fit.</exception>
    public async Task CheckAsync()
    {
        if ((await LookAsync())["Log.BeginAddress"] > FirstAddress)
        {
            throw new StoreException($"{name} has more records than fit in {_all >> 20} MB of memory; {Remedy}.", isRetryable: false);
        }
    }

    /// <param name="bytes">Of the record.</param>
    /// <param name="isNew">Whether it is not there yet.</param>
    /// <exception cref="StoreException">A record of that many bytes might push out another.</exception>
    public void RequireRoomFor(long bytes, bool isNew)
    {
        if (Interlocked.Add(ref _used, bytes) > (isNew ? ForNew : ForChanges) * Interlocked.Read(ref _all))
        {
            throw new StoreException($"{name} is full: its records use {_used >> 20} of {_all >> 20} MB of memory; delete tasks, {Remedy}.", isRetryable: true);
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
                    await LookAsync();
                }
                catch (Exception error) when (error is RedisException or TimeoutException)
                {
                    // What is written meanwhile is counted.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    // Never waited for by a thread of the pool: the store in this process answers by threads of the same pool.
    private async Task<Dictionary<string, long>> LookAsync()
    {
        string info = (string?)await store.GetDatabase().ExecuteAsync("INFO", "STORE") ?? string.Empty;
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string[] entry in info.Split('\n').Select(line => line.Trim().Split(':')).Where(entry => entry.Length == 2))
        {
            if (long.TryParse(entry[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                numbers[entry[0]] = number;
            }
        }

        Interlocked.Exchange(ref _all, numbers["Log.MaxMemorySizeBytes"]);
        Interlocked.Exchange(ref _used, numbers["Log.CurrentMemorySizeBytes"] + numbers["Log.CurrentHeapSizeBytes"]);
        return numbers;
    }
}
