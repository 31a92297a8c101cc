using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Solves;
using AdaptCluster.Grains.Tenants;
using AdaptCluster.Silo;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Grains.Tests.Support;

/// <summary>A real silo with its embedded store on a folder, and a real client connection to its gateway.</summary>
public sealed class TestSilo : IAsyncDisposable
{
    private TestSilo(AdaptSilo silo, ClusterConnection connection)
    {
        Silo = silo;
        Connection = connection;
    }

    public AdaptSilo Silo { get; }

    public ClusterConnection Connection { get; }

    /// <summary>What travels as it does between processes.</summary>
    public IGrainFactory Grains => Connection.Grains;

    public static async Task<TestSilo> StartAsync(
        string folder, DeviceOptions? device = null, SolveOptions? solves = null, Action<ISiloBuilder>? extend = null, QuotaOptions? quotas = null)
    {
        DataDirectory directory = DataDirectory.TryOpen(folder, SiloRole.Private)
            ?? throw new InvalidOperationException($"'{folder}' is in use.");
        var settings = new SiloSettings
        {
            DataDirectory = folder,
            Role = SiloRole.Private,
            Device = device ?? new DeviceOptions { Threads = 1 },
            Solves = solves ?? new SolveOptions(),
            Quotas = quotas ?? new QuotaOptions(),
        };
        AdaptSilo silo = await AdaptSilo.StartAsync(settings, directory, extend, CancellationToken.None);
        return new TestSilo(silo, await ClusterConnection.ConnectAsync(new ClusterConnectionOptions { Gateways = [silo.Gateway] }));
    }

    public AdaptClient Client(string tenant) => new(Grains, tenant);

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Silo.DisposeAsync();
    }
}
