using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Silo;

/// <summary>A silo that serves a data directory, or is one of a cluster over a Redis server, until it is asked to end.</summary>
public static class SharedSilo
{
    /// <summary>Runs it; says on standard error what it computes on and where it listens.</summary>
    /// <returns>The exit code, 0.</returns>
    /// <exception cref="InvalidInputException">A setting cannot be used, or the directory is in use.</exception>
    /// <exception cref="AdaptationFailedException">libtorch cannot be loaded.</exception>
    /// <exception cref="StoreException">The store is damaged or does not answer, or the disk is full.</exception>
    public static async Task<int> RunAsync(SiloSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        await using AdaptSilo silo = await (settings.Redis is null
            ? StartEmbeddedAsync(settings, cancellationToken)
            : AdaptSilo.StartOverRedisAsync(settings, cancellationToken));
        await Console.Error.WriteLineAsync($"silo computes on {await silo.OpenDeviceAsync(cancellationToken)}");
        await Console.Error.WriteLineAsync($"silo ready: gateway {silo.Gateway}, {silo.Store}, process {Environment.ProcessId}");
        await silo.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>The error for a directory that another process serves.</summary>
    public static InvalidInputException InUse(string path)
    {
        DirectoryOwner? owner = DataDirectory.ReadOwner(path);
        string by = owner is null ? "another process" : $"process {owner.ProcessId}";
        return new InvalidInputException(
            "--data-dir",
            $"'{Path.GetFullPath(path)}' is in use by {by}",
            "wait until it ends, or start one silo with 'adapt silo' that all commands share");
    }

    private static Task<AdaptSilo> StartEmbeddedAsync(SiloSettings settings, CancellationToken cancellationToken)
    {
        string path = settings.DataDirectoryOrDefault;
        return AdaptSilo.StartAsync(settings, DataDirectory.TryOpen(path, settings.Role) ?? throw InUse(path), cancellationToken);
    }
}
