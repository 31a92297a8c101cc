using System.Net;
using AdaptCluster.Grains.Interfaces.Hosting;

namespace AdaptCluster.Client.Connections;

/// <summary>How to reach a cluster.</summary>
public sealed class ClusterConnectionOptions
{
    /// <summary>
    /// The gateways of one or more silos, at least one: addresses, or names (<see cref="DnsEndPoint"/>), which are looked up again
    /// as long as the connection lasts. See <see cref="GatewayList"/>.
    /// </summary>
    public required IReadOnlyList<EndPoint> Gateways { get; init; }

    /// <summary>How long a try of a call may take before it fails. Default 60 s.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to try for a first connection. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For how long a call is made again that was lost on its way, because its silo died or ends. Only calls that are harmless
    /// to repeat are; errors of the cluster's own are not repeated. Zero for never. Default 20 s.
    /// </summary>
    public TimeSpan RepeatLostCallsFor { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What the client is built as; tests say otherwise.</summary>
    internal BuildDescription Build { get; init; } = BuildDescription.Current;
}
