using System.Net;
using Orleans.Configuration;

namespace AdaptCluster.Silo;

/// <summary>Where a silo is reached, and what it listens on for that.</summary>
/// <param name="Gateway">What clients connect to.</param>
/// <param name="Silo">What other silos connect to.</param>
/// <param name="Listen">The address that both ports are bound to.</param>
internal sealed record SiloEndpoints(IPEndPoint Gateway, IPEndPoint Silo, IPAddress Listen)
{
    /// <summary>As the settings say, with free ports for those that they leave open.</summary>
    public static SiloEndpoints Of(SiloSettings settings) => new(
        new IPEndPoint(settings.Address, settings.Port == 0 ? FreePorts.Next() : settings.Port),
        new IPEndPoint(settings.Address, settings.SiloPort == 0 ? FreePorts.Next() : settings.SiloPort),
        settings.Listen ?? settings.Address);

    public void Use(ISiloBuilder silo) => silo.Configure<EndpointOptions>(options =>
    {
        options.AdvertisedIPAddress = Gateway.Address;
        options.SiloPort = Silo.Port;
        options.GatewayPort = Gateway.Port;
        options.SiloListeningEndpoint = new IPEndPoint(Listen, Silo.Port);
        options.GatewayListeningEndpoint = new IPEndPoint(Listen, Gateway.Port);
    });
}
