using System.Net;
using Orleans.Messaging;

namespace AdaptCluster.Client.Connections;

/// <summary>
/// Tells Orleans where the gateways are, and again where their names have moved to. A gateway that did not answer is tried again after
/// the staleness: a silo that was restarted is used again within seconds.
/// </summary>
internal sealed class GatewayListProvider(IReadOnlyList<EndPoint> gateways) : IGatewayListProvider
{
    /// <summary>How often the list is asked for, and how long a gateway that failed is left alone.</summary>
    public static TimeSpan Refresh { get; } = TimeSpan.FromSeconds(2);

    public TimeSpan MaxStaleness => Refresh;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public async Task<IList<Uri>> GetGateways() =>
        [.. (await GatewayList.ResolveAsync(gateways, CancellationToken.None)).Select(gateway => new Uri($"gwy.tcp://{gateway}/0"))];
}
