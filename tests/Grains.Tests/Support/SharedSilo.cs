using AdaptCluster.Client;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>One silo for the tests that need no restart. Every test has a tenant of its own on it.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private int _tenants;

    public TestSilo Silo { get; private set; } = null!;

    public string Folder => _folder.Path;

    public async ValueTask InitializeAsync() => Silo = await TestSilo.StartAsync(_folder.Path);

    /// <summary>A tenant that nobody else uses.</summary>
    public AdaptClient NewTenant() => Silo.Client($"tenant-{Interlocked.Increment(ref _tenants)}");

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        _folder.Dispose();
    }
}

[CollectionDefinition(nameof(SharedSilo))]
public sealed class SharesTheSilo : ICollectionFixture<SharedSilo>;
