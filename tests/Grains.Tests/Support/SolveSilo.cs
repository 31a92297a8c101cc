using AdaptCluster.Client;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Solves;
using Microsoft.Extensions.DependencyInjection;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>A silo whose solves are cut into many small messages and lose patience soon, and whose calls a test can get between.</summary>
public sealed class SolveSilo : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private int _tenants;

    public TestSilo Silo { get; private set; } = null!;

    public string Folder => _folder.Path;

    /// <summary>Called instead of every call to a shard; the second argument carries it out. Null: nothing is between.</summary>
    internal Func<IIncomingGrainCallContext, Task>? Between { get; set; }

    internal SolveMemory Memory => Silo.Silo.Services.GetRequiredService<SolveMemory>();

    internal static SolveOptions Options => new()
    {
        PartBytes = 1_000,
        Deadline = TimeSpan.FromSeconds(1),
        Silence = TimeSpan.FromSeconds(4),
        IdleRelease = TimeSpan.FromSeconds(3),
        CheckpointPeriod = TimeSpan.FromMilliseconds(1),
        ReminderPeriod = TimeSpan.FromSeconds(1),
        MemoryRetry = TimeSpan.FromMilliseconds(100),
    };

    public async ValueTask InitializeAsync() => Silo = await TestSilo.StartAsync(
        _folder.Path,
        new DeviceOptions { Threads = 1, SolveMemoryBytes = 4L << 30 },
        Options,
        silo => silo.AddIncomingGrainCallFilter(call => Between is { } between && call.InterfaceMethod.DeclaringType == typeof(IJacobianShardGrain)
            ? between(call)
            : call.Invoke()));

    /// <summary>A tenant that nobody else uses.</summary>
    public AdaptClient NewTenant() => Silo.Client($"tenant-{Interlocked.Increment(ref _tenants)}");

    /// <summary>Whether nothing of any solve is left in the memory or on the device.</summary>
    internal async Task<bool> IsEmptyAsync() => Memory.Reservations == 0
        && await Silo.Silo.Services.GetRequiredService<DeviceLane>().RunAsync(LanePriority.Interactive, context => context.Solves.Count) == 0;

    /// <summary>Which shard a call is for.</summary>
    internal static int ShardOf(IIncomingGrainCallContext call) => int.Parse($"{call.TargetId.Key}".Split('/')[^2]);

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        _folder.Dispose();
    }
}

[CollectionDefinition(nameof(SolveSilo))]
public sealed class SharesTheSolveSilo : ICollectionFixture<SolveSilo>;
