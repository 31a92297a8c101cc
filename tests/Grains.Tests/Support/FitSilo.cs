using AdaptCluster.Client;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.PriorFits;
using AdaptCluster.Grains.PriorFits;
using AdaptCluster.Grains.Solves;
using Microsoft.Extensions.DependencyInjection;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>A silo whose prior fits have a part for every task, and whose questions a test can get between.</summary>
public sealed class FitSilo : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private int _tenants;

    public TestSilo Silo { get; private set; } = null!;

    public string Folder => _folder.Path;

    /// <summary>Called instead of every question to a part. Null: nothing is between.</summary>
    internal Func<IIncomingGrainCallContext, Task>? Between { get; set; }

    internal static SolveOptions Options
    {
        get
        {
            SolveOptions options = SolveSilo.Options;
            options.EvidencePartFlops = 1;
            options.MostEvidenceParts = 4;
            options.PartBytes = 300;
            return options;
        }
    }

    public async ValueTask InitializeAsync() => Silo = await StartAsync(_folder.Path, call => Between?.Invoke(call) ?? call.Invoke());

    /// <summary>A silo of that kind on a folder.</summary>
    internal static Task<TestSilo> StartAsync(string folder, Func<IIncomingGrainCallContext, Task> between) => TestSilo.StartAsync(
        folder,
        new DeviceOptions { Threads = 1, SolveMemoryBytes = 4L << 30 },
        Options,
        silo => silo.AddIncomingGrainCallFilter(call => IsQuestion(call) ? between(call) : call.Invoke()));

    /// <summary>Whether a call asks a part for evidence.</summary>
    internal static bool IsQuestion(IIncomingGrainCallContext call) =>
        call.InterfaceMethod.DeclaringType == typeof(IEvidencePartGrain) && call.MethodName == nameof(IEvidencePartGrain.AskAsync)
        && ((EvidenceQuestion)call.Request.GetArgument(0)!).Question != EvidenceBytes.NameOf(EvidenceBytes.AskMembers());

    /// <summary>Which part a call is for.</summary>
    internal static int PartOf(IIncomingGrainCallContext call) => int.Parse($"{call.TargetId.Key}".Split('/')[^2]);

    /// <summary>A tenant that nobody else uses.</summary>
    public AdaptClient NewTenant() => Silo.Client($"tenant-{Interlocked.Increment(ref _tenants)}");

    /// <summary>Whether nothing of any fit is left in the memory, on the device, or in the tensor store.</summary>
    internal async Task<bool> IsEmptyAsync() => Silo.Silo.Services.GetRequiredService<SolveMemory>().Reservations == 0
        && await Silo.Silo.Services.GetRequiredService<DeviceLane>().RunAsync(LanePriority.Interactive, context => context.Solves.Count) == 0
        && !Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
            .Any(file => file.Contains($"{Path.DirectorySeparatorChar}fits{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                || file.Contains($"{Path.DirectorySeparatorChar}staging{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        _folder.Dispose();
    }
}

[CollectionDefinition(nameof(FitSilo))]
public sealed class SharesTheFitSilo : ICollectionFixture<FitSilo>;
