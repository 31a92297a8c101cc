using System.Net;
using Orleans.Configuration;

namespace AdaptCluster.Silo;

/// <summary>Where a silo is reached, and what it listens on for that.</summary>
/// <param name="Gateway">What clients connect to.</param>
/// <param name="Silo">What other silos connect to.</param>
/// <param name="GatewayListener">What is listened on for clients.</param>
/// <param name="SiloListener">What is listened on for silos.</param>
internal sealed record SiloEndpoints(IPEndPoint Gateway, IPEndPoint Silo, IPEndPoint GatewayListener, IPEndPoint SiloListener)
{
    /// <summary>As the settings say, with free ports for those that they leave open.</summary>
    public static SiloEndpoints Of(SiloSettings settings)
    {
        int gateway = settings.Port == 0 ? FreePorts.Next() : settings.Port;
        int silo = settings.SiloPort == 0 ? FreePorts.Next() : settings.SiloPort;
        IPAddress listen = settings.Listen ?? settings.Address;
        return new SiloEndpoints(
            new IPEndPoint(settings.Address, gateway),
            new IPEndPoint(settings.Address, silo),
            new IPEndPoint(listen, settings.ListenPort ?? gateway),
            new IPEndPoint(listen, settings.ListenSiloPort ?? silo));
    }

    public void Use(ISiloBuilder silo) => silo.Configure<EndpointOptions>(options =>
    {
        options.AdvertisedIPAddress = Gateway.Address;
        options.SiloPort = Silo.Port;
        options.GatewayPort = Gateway.Port;
        options.SiloListeningEndpoint = SiloListener;
        options.GatewayListeningEndpoint = GatewayListener;
    });
}
