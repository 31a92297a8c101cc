using System.Net.Sockets;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Messaging;

namespace AdaptCluster.Client.Connections;

/// <summary>A connection to a cluster of other processes. Thread-safe; one per application is enough.</summary>
public sealed class ClusterConnection : IAsyncDisposable
{
    private readonly IHost _host;

    private ClusterConnection(IHost host)
    {
        _host = host;
        Grains = host.Services.GetRequiredService<IClusterClient>();
    }

    /// <summary>The grains of the cluster.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>Connects, and makes sure that cluster and client understand each other.</summary>
    /// <exception cref="IncompatibleBuildException">They do not.</exception>
    /// <exception cref="ClusterUnreachableException">No gateway answered within the connect timeout.</exception>
    public static async Task<ClusterConnection> ConnectAsync(ClusterConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(options.Gateways.Count, nameof(options));
        string addresses = GatewayList.Describe(options.Gateways);
        IHost host = Build(options);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.ConnectTimeout);
        try
        {
            await host.StartAsync(timeout.Token);
            var connection = new ClusterConnection(host);
            await connection.Grains.GetGrain<IHandshakeGrain>(0).GreetAsync(options.Build, timeout.Token).WaitAsync(timeout.Token);
            return connection;
        }
        catch (Exception error) when (error is OrleansException or SocketException or TimeoutException or OperationCanceledException)
        {
            host.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new ClusterUnreachableException(addresses, error);
        }
        catch (IncompatibleBuildException)
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static IHost Build(ClusterConnectionOptions options)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleansClient(client =>
        {
            client.Services.AddSingleton<IGatewayListProvider>(new GatewayListProvider(options.Gateways));
            client.Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = ClusterIdentity.ClusterId;
                cluster.ServiceId = ClusterIdentity.ServiceId;
            });
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = GatewayListProvider.Refresh);
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = options.ResponseTimeout);
            client.AddActivityPropagation();
            client.AddOutgoingGrainCallFilter(new BusyGate());
            client.AddOutgoingGrainCallFilter(new LostCallsFilter(options.RepeatLostCallsFor));
            client.AddOutgoingGrainCallFilter<OwnErrorsFilter>();
        });
        return builder.Build();
    }
}
