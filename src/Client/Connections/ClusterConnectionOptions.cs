using System.Net;

namespace AdaptCluster.Client.Connections;

/// <summary>How to reach a cluster.</summary>
public sealed class ClusterConnectionOptions
{
    /// <summary>The gateways of one or more silos. At least one.</summary>
    public required IReadOnlyList<IPEndPoint> Gateways { get; init; }

    /// <summary>How long a call may take before it fails. Default 60 s.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to try for a first connection. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
