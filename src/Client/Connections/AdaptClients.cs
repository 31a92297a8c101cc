using Microsoft.Extensions.Hosting;

namespace AdaptCluster.Client.Connections;

/// <summary>The clients of an application, one per tenant, over one connection that opens and closes with its host. Thread-safe.</summary>
public sealed class AdaptClients : IHostedService, IAsyncDisposable
{
    private readonly ClusterConnectionOptions _options;
    private ClusterConnection? _connection;

    internal AdaptClients(ClusterConnectionOptions options) => _options = options;

    /// <summary>A tenant's view of the cluster.</summary>
    /// <exception cref="InvalidOperationException">The host has not started, or has ended.</exception>
    public AdaptClient For(string tenant = AdaptClient.DefaultTenant) => new(
        (_connection ?? throw new InvalidOperationException("The connection opens with the host: start the host first.")).Grains, tenant);

    /// <summary>Connects.</summary>
    /// <exception cref="Grains.Interfaces.Errors.ClusterUnreachableException">No gateway answered.</exception>
    /// <exception cref="Grains.Interfaces.Errors.IncompatibleBuildException">The cluster is a build that this client does not understand.</exception>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        _connection = await ClusterConnection.ConnectAsync(_options, cancellationToken);

    /// <summary>Nothing: calls that still come while the host ends are answered; disposing disconnects.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.DisposeAsync();
        }
    }
}
