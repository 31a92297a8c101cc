using System.Globalization;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace AdaptCluster.Silo.Stores;

/// <summary>Tells those that join an embedded store which silo has it, with its tensor files, and how much room is left on its disk.</summary>
internal sealed class StoreHostNote(IConnectionMultiplexer connection, DiskSpace disk, ILocalSiloDetails silo, TimeProvider clock) : BackgroundService
{
    /// <summary>The silo's address as it is written.</summary>
    public const string HostKey = "adapt/host";

    /// <summary>The free bytes.</summary>
    public const string FreeKey = "adapt/free";

    /// <summary>A note is a write of its own: what changed less is not noted.</summary>
    private const long Worth = 1 << 20;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await connection.GetDatabase().StringSetAsync(HostKey, silo.SiloAddress.ToParsableString());
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        long noted = -Worth;
        try
        {
            do
            {
                long free = disk.Free;
                if (Math.Abs(free - noted) >= Worth && await TryNoteAsync(free))
                {
                    noted = free;
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo ends.
        }
    }

    private async Task<bool> TryNoteAsync(long free)
    {
        try
        {
            return await connection.GetDatabase().StringSetAsync(FreeKey, free.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is RedisException or TimeoutException)
        {
            // Noted the next time.
            return false;
        }
    }
}
