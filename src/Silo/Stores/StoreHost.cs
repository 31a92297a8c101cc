using System.Globalization;
using AdaptCluster.Grains.Interfaces.Errors;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>What is known, in a silo that has joined another's store, of the silo that has it: see <see cref="StoreHostNote"/>.</summary>
internal sealed class StoreHost(IConnectionMultiplexer connection, StoreErrors errors, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private long _free = long.MaxValue;
    private volatile string? _address;

    /// <summary>The free bytes of its disk, a second or two ago.</summary>
    public long Free => Interlocked.Read(ref _free);

    /// <summary>The silo's address as it is written.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<string> FindAsync()
    {
        try
        {
            return _address ??= (string?)await connection.GetDatabase().StringGetAsync(StoreHostNote.HostKey)
                ?? throw new StoreException("the joined store does not say which silo has it; start that silo again, with --store-port.", isRetryable: true);
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            throw errors.Of(error, "tensor files");
        }
    }

    /// <summary>It did not answer: perhaps it was started again, and has another address.</summary>
    public void Forget() => _address = null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        try
        {
            do
            {
                await ReadAsync();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo ends.
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            string? noted = await connection.GetDatabase().StringGetAsync(StoreHostNote.FreeKey);
            if (long.TryParse(noted, NumberStyles.None, CultureInfo.InvariantCulture, out long free))
            {
                Interlocked.Exchange(ref _free, free);
            }
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            // Read the next time; whoever writes meanwhile is told that the store does not answer.
        }
    }
}
