using System.Net;
using System.Net.Sockets;

namespace AdaptCluster.Silo;

/// <summary>Ports that nobody listens on.</summary>
internal static class FreePorts
{
    /// <summary>A free loopback port. Another process may take it first; then the listener that uses it says so.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
