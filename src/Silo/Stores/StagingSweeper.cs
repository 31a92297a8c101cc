using Microsoft.Extensions.Hosting;

namespace AdaptCluster.Silo.Stores;

/// <summary>Removes abandoned uploads, at the start and every hour.</summary>
internal sealed class StagingSweeper(DirectoryTensorStore tensors, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        do
        {
            tensors.Sweep(clock.GetUtcNow());
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
