using System.Diagnostics;
using System.Net;
using AdaptCluster.Client;
using AdaptCluster.Client.Connections;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo;
using AdaptCluster.Silo.DataDirectories;

namespace AdaptCluster.Cli.Sessions;

/// <summary>
/// A command's way to a cluster: the one it names, else the silo that serves the data directory, else a silo in this
/// process that ends with the command.
/// </summary>
internal sealed class ClusterSession : IAsyncDisposable
{
    private const string Embedded = "embedded";

    private static readonly TimeSpan s_startOfOther = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    private readonly IAsyncDisposable _resource;

    private ClusterSession(AdaptClient client, IAsyncDisposable resource)
    {
        Client = client;
        _resource = resource;
    }

    public AdaptClient Client { get; }

    /// <exception cref="InvalidInputException">An option cannot be used, or another command holds the data directory.</exception>
    /// <exception cref="StoreException">The data directory is damaged or its disk full.</exception>
    /// <exception cref="ClusterUnreachableException">No silo answers.</exception>
    public static async Task<ClusterSession> OpenAsync(SessionOptions options, CancellationToken cancellationToken)
    {
        if (options.Cluster != Embedded)
        {
            return await ConnectAsync(await ParseAsync(options.Cluster, cancellationToken), options.Tenant, cancellationToken);
        }

        var settings = new SiloSettings
        {
            DataDirectory = options.DataDirectory,
            Role = SiloRole.Private,
            ConsoleTelemetry = options.ConsoleTelemetry,
        };
        settings.Validate();
        DataDirectory? directory = DataDirectory.TryOpen(options.DataDirectory, SiloRole.Private);
        if (directory is null)
        {
            IPEndPoint gateway = await FindGatewayAsync(options.DataDirectory, cancellationToken);
            return await ConnectAsync([gateway], options.Tenant, cancellationToken);
        }

        AdaptSilo silo = await AdaptSilo.StartAsync(settings, directory, cancellationToken);
        try
        {
            return new ClusterSession(new AdaptClient(silo.Grains, options.Tenant), silo);
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _resource.DisposeAsync();

    private static async Task<ClusterSession> ConnectAsync(
        IReadOnlyList<EndPoint> gateways, string tenant, CancellationToken cancellationToken)
    {
        ClusterConnection connection = await ClusterConnection.ConnectAsync(
            new ClusterConnectionOptions { Gateways = gateways }, cancellationToken);
        try
        {
            return new ClusterSession(new AdaptClient(connection.Grains, tenant), connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The gateway of the silo that serves the directory; a silo that is just starting is waited for.</summary>
    private static async Task<IPEndPoint> FindGatewayAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < s_startOfOther)
        {
            DirectoryOwner? owner = DataDirectory.ReadOwner(dataDirectory);
            if (owner is { Role: SiloRole.Private })
            {
                break;
            }

            if (owner is { Gateway: not null } && IPEndPoint.TryParse(owner.Gateway, out IPEndPoint? gateway))
            {
                return gateway;
            }

            await Task.Delay(s_poll, cancellationToken);
        }

        throw SharedSilo.InUse(dataDirectory);
    }

    private static async Task<IReadOnlyList<EndPoint>> ParseAsync(string cluster, CancellationToken cancellationToken)
    {
        IReadOnlyList<EndPoint> gateways = GatewayList.Parse(cluster, "--cluster");
        foreach (DnsEndPoint name in gateways.OfType<DnsEndPoint>())
        {
            try
            {
                await Dns.GetHostAddressesAsync(name.Host, cancellationToken);
            }
            catch (System.Net.Sockets.SocketException error)
            {
                throw new InvalidInputException("--cluster", $"'{name.Host}' has no address ({error.Message})", "check the host name");
            }
        }

        return gateways;
    }
}
