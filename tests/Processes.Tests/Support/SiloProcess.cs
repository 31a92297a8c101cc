using System.Net;
using System.Text.RegularExpressions;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;

namespace AdaptCluster.Processes.Tests.Support;

/// <summary>A running silo and, once asked for, a connection of this process to it.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    private readonly List<ClusterConnection> _connections = [];

    private SiloProcess(ChildProcess process, IPEndPoint gateway)
    {
        Process = process;
        Gateway = gateway;
    }

    public ChildProcess Process { get; }

    public IPEndPoint Gateway { get; }

    /// <summary>Starts <c>adapt silo</c>.</summary>
    public static Task<SiloProcess> StartAsync(string dataDirectory, params IEnumerable<string> arguments) =>
        WaitAsync(ChildProcess.Adapt(["silo", "--data-dir", dataDirectory, .. arguments]));

    /// <summary>Starts the silo's own program.</summary>
    public static Task<SiloProcess> StartServiceAsync(string dataDirectory) =>
        WaitAsync(ChildProcess.Start(Executables.Dotnet, Executables.SiloLibrary, "--data-dir", dataDirectory));

    /// <summary>Starts one silo of a cluster, as the silo's own program or as <c>adapt silo</c>.</summary>
    public static Task<SiloProcess> StartOverRedisAsync(string redis, string tensors, bool service, params IEnumerable<string> arguments)
    {
        string[] all = ["--redis", redis, "--tensors", tensors, .. arguments];
        return WaitAsync(service ? ChildProcess.Start(Executables.Dotnet, [Executables.SiloLibrary, .. all]) : ChildProcess.Adapt(["silo", .. all]));
    }

    /// <summary>Starts a silo over the store of another.</summary>
    public static Task<SiloProcess> JoinAsync(string store, params IEnumerable<string> arguments) =>
        WaitAsync(ChildProcess.Adapt(["silo", "--join", store, .. arguments]));

    /// <summary>Connects this process by the SDK.</summary>
    public async Task<AdaptClient> ConnectAsync(string tenant = AdaptClient.DefaultTenant, TimeSpan? responseTimeout = null)
    {
        var options = new ClusterConnectionOptions { Gateways = [Gateway] };
        if (responseTimeout is { } timeout)
        {
            options = new ClusterConnectionOptions { Gateways = [Gateway], ResponseTimeout = timeout };
        }

        ClusterConnection connection = await ClusterConnection.ConnectAsync(options, TestContext.Current.CancellationToken);
        _connections.Add(connection);
        return new AdaptClient(connection.Grains, tenant);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ClusterConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await Process.DisposeAsync();
    }

    private static async Task<SiloProcess> WaitAsync(ChildProcess process)
    {
        try
        {
            await process.UntilAsync(silo => Ready().IsMatch(silo.Error));
            return new SiloProcess(process, IPEndPoint.Parse(Ready().Match(process.Error).Groups["gateway"].Value));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    [GeneratedRegex(@"silo ready: gateway (?<gateway>\S+), (data directory|tensors|store of) .*, process \d+\n", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ready();
}
