using AdaptCluster.Grains.Backups;
using AdaptCluster.Grains.Telemetry;
using AdaptCluster.Grains.Tensors;
using AdaptCluster.Silo.DataDirectories;
using Microsoft.Extensions.DependencyInjection;

namespace AdaptCluster.Silo.Stores;

/// <summary>Tensor files in a folder that this silo reaches.</summary>
internal static class DirectoryTensors
{
    /// <param name="services">The silo's.</param>
    /// <param name="folder">The files.</param>
    /// <param name="disk">The folder on whose disk writes must find room.</param>
    /// <param name="memory">Where the store has its records beside the disk; null where a server has them.</param>
    public static void AddDirectoryTensors(this IServiceCollection services, string folder, string disk, StoreMemory? memory = null)
    {
        services.AddSingleton(new DiskSpace(disk, memory));
        services.AddSingleton(provider => new DeletionHold(folder, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new DirectoryTensorStore(
            folder, provider.GetRequiredService<DiskSpace>(), provider.GetRequiredService<DeletionHold>(), provider.GetRequiredService<AdaptInstruments>()));
        services.AddSingleton<ITensorArchive>(provider => new DirectoryTensorArchive(
            folder, provider.GetRequiredService<DeletionHold>(), provider.GetRequiredService<DiskSpace>()));
        services.AddSingleton<ITensorStore>(provider => provider.GetRequiredService<DirectoryTensorStore>());
        services.AddHostedService<StagingSweeper>();
    }
}
