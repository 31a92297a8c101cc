using System.Net;
using System.Net.Sockets;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Client.Connections;

/// <summary>Gateways as a person writes them: host:port, separated by commas.</summary>
public static class GatewayList
{
    /// <summary>Reads a list. Names are not looked up yet.</summary>
    /// <param name="text">As in <c>10.0.0.5:30000,silo-2:30000</c>.</param>
    /// <param name="option">What the caller knows the text by, for the error.</param>
    /// <exception cref="InvalidInputException">An entry is not host:port, or there is none.</exception>
    public static IReadOnlyList<EndPoint> Parse(string text, string option = "gateways")
    {
        ArgumentNullException.ThrowIfNull(text);
        var gateways = new List<EndPoint>();
        foreach (string entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = entry.LastIndexOf(':');
            if (colon <= 0 || !ushort.TryParse(entry.AsSpan(colon + 1), out ushort port) || port == 0)
            {
                throw new InvalidInputException(option, $"'{entry}' is not host:port", "use host:port[,host:port]");
            }

            string host = entry[..colon].Trim('[', ']');
            gateways.Add(IPAddress.TryParse(host, out IPAddress? address) ? new IPEndPoint(address, port) : new DnsEndPoint(host, port));
        }

        return gateways.Count > 0 ? gateways : throw new InvalidInputException(option, "it names no silo", "use host:port[,host:port]");
    }

    /// <summary>For a person.</summary>
    internal static string Describe(IReadOnlyList<EndPoint> gateways) =>
        string.Join(", ", gateways.Select(gateway => gateway is DnsEndPoint name ? $"{name.Host}:{name.Port}" : $"{gateway}"));

    /// <summary>Every address behind the gateways now; names without one are passed over.</summary>
    internal static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(IReadOnlyList<EndPoint> gateways, CancellationToken cancellationToken)
    {
        var found = new List<IPEndPoint>();
        foreach (EndPoint gateway in gateways)
        {
            found.AddRange(gateway switch
            {
                IPEndPoint address => [address],
                DnsEndPoint name => (await LookUpAsync(name.Host, cancellationToken)).Select(address => new IPEndPoint(address, name.Port)),
                _ => throw new ArgumentException($"{gateway.GetType().Name} is neither an address nor a name.", nameof(gateways)),
            });
        }

        return [.. found.Distinct()];
    }

    private static async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
