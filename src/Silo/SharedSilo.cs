using System.Net;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Health;

namespace AdaptCluster.Silo;

/// <summary>A silo that serves a data directory, or is one of a cluster over a Redis server or over the store of another silo, until it is asked to end.</summary>
public static class SharedSilo
{
    private static readonly TimeSpan s_toClose = TimeSpan.FromSeconds(5);

    /// <summary>Runs it; says on standard error what it computes on and where it listens.</summary>
    /// <returns>The exit code, 0.</returns>
    /// <exception cref="InvalidInputException">A setting cannot be used, or the directory is in use.</exception>
    /// <exception cref="AdaptationFailedException">libtorch cannot be loaded.</exception>
    /// <exception cref="StoreException">The store is damaged or does not answer, or the disk is full.</exception>
    public static async Task<int> RunAsync(SiloSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        var state = new HealthState();
        await using HealthEndpoint? health = settings.HealthPort is { } port
            ? await HealthEndpoint.StartAsync(settings.Listen ?? settings.Address, port, state, cancellationToken)
            : null;
        AdaptSilo silo = await (settings switch
        {
            { Join: not null } => AdaptSilo.StartJoinedAsync(settings, cancellationToken),
            { Redis: not null } => AdaptSilo.StartOverRedisAsync(settings, cancellationToken),
            _ => StartEmbeddedAsync(settings, cancellationToken),
        });
        try
        {
            await Console.Error.WriteLineAsync($"silo computes on {await silo.OpenDeviceAsync(cancellationToken)}");
            await WarnAsync(settings);
            state.Started(silo.FindProblemAsync);
            string answers = health is null ? string.Empty : $", health {health.Address}";
            await Console.Error.WriteLineAsync($"silo ready: gateway {silo.Gateway}, {silo.Store}{answers}, process {Environment.ProcessId}");
            await silo.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        finally
        {
            state.Draining();
            await EndAsync(silo, TimeSpan.FromSeconds(settings.DrainSeconds));
        }
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

    private static async Task WarnAsync(SiloSettings settings)
    {
        if (!IPAddress.IsLoopback(settings.Address) || !IPAddress.IsLoopback(settings.Listen ?? settings.Address))
        {
            await Console.Error.WriteLineAsync(
                $"silo warns: whoever reaches {settings.Listen ?? settings.Address} can read and change everything, and nothing is encrypted; use a trusted network only");
        }
    }

    // Whatever still runs after that was acknowledged to nobody; a process that does not end would be killed anyway.
    private static async Task EndAsync(AdaptSilo silo, TimeSpan drain)
    {
        try
        {
            await silo.DisposeAsync().AsTask().WaitAsync(drain + s_toClose);
        }
        catch (TimeoutException)
        {
            await Console.Error.WriteLineAsync($"silo ends: what was under way did not end within {drain.TotalSeconds:0} s and is taken up elsewhere");
        }
    }

    private static Task<AdaptSilo> StartEmbeddedAsync(SiloSettings settings, CancellationToken cancellationToken)
    {
        string path = settings.DataDirectoryOrDefault;
        return AdaptSilo.StartAsync(settings, DataDirectory.TryOpen(path, settings.Role) ?? throw InUse(path), cancellationToken);
    }
}
