using System.Net;
using System.Net.Sockets;
using AdaptCluster.Grains.Devices;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Silo.DataDirectories;
using AdaptCluster.Silo.Tests.Support;

namespace AdaptCluster.Silo.Tests;

public sealed class AdaptSiloTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StartAsync_PortIsTaken_RefusedAndTheDirectoryIsFree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => Silos.StartAsync(_folder.Path, port));

        Assert.Equal($"--port: port {port} is in use; name another one, or none for any free one.", error.Message);
        using DataDirectory? free = DataDirectory.TryOpen(_folder.Path, SiloRole.Private);
        Assert.NotNull(free);
    }

    [Fact]
    public async Task StartAsync_Running_OwnerNamesTheGatewayUntilItEnds()
    {
        await using (AdaptSilo silo = await Silos.StartAsync(_folder.Path))
        {
            Assert.Equal(
                new DirectoryOwner(Environment.ProcessId, SiloRole.Private, silo.Gateway.ToString()), DataDirectory.ReadOwner(_folder.Path));
            Assert.Null(DataDirectory.TryOpen(_folder.Path, SiloRole.Private));
        }

        Assert.Null(DataDirectory.ReadOwner(_folder.Path));
    }

    [Fact]
    public void Validate_ValuesOutOfRange_NameTheOption()
    {
        Assert.Equal(
            "--data-dir: it is empty; name a folder.",
            Refused(new SiloSettings { DataDirectory = " ", Role = SiloRole.Private }));
        Assert.Equal(
            "--port: 65536 is no port; give a number from 1 to 65535, or 0 for any free one.",
            Refused(new SiloSettings { Port = 65_536, Role = SiloRole.Private }));
        Assert.Equal(
            "--port: -1 is no port; give a number from 1 to 65535, or 0 for any free one.",
            Refused(new SiloSettings { Port = -1, Role = SiloRole.Private }));
        Assert.Equal(
            "--threads: it is 0; give at least 1.",
            Refused(new SiloSettings { Device = new DeviceOptions { Threads = 0 }, Role = SiloRole.Private }));
    }

    [Fact]
    public void Validate_StoreOptionsThatDoNotGoTogether_NameTheOption()
    {
        foreach (string server in (string[])["", "server", "server:", ":6379", "server:0", "server:65536", "server:6379,password=x"])
        {
            Assert.Equal(
                $"--redis: '{server}' is not host:port; name the server as in 127.0.0.1:6379.",
                Refused(new SiloSettings { Redis = server, TensorDirectory = "tensors", Role = SiloRole.Shared }));
        }

        Assert.Equal(
            "--tensors: --redis needs it; name a folder that all silos of the cluster share.",
            Refused(new SiloSettings { Redis = "server:6379", TensorDirectory = " ", Role = SiloRole.Shared }));
        Assert.Equal(
            "--data-dir: with --redis, what lasts is in the server and in --tensors; leave it out.",
            Refused(new SiloSettings { Redis = "server:6379", TensorDirectory = "tensors", DataDirectory = "data", Role = SiloRole.Shared }));
        Assert.Equal(
            "--tensors: the embedded store keeps tensors in its data directory; leave it out, or name a server with --redis.",
            Refused(new SiloSettings { TensorDirectory = "tensors", Role = SiloRole.Shared }));
        Assert.Equal(
            "--allow-volatile-store: the embedded store is durable; leave it out, or name a server with --redis.",
            Refused(new SiloSettings { AllowVolatileStore = true, Role = SiloRole.Shared }));
        new SiloSettings { Redis = "[::1]:6379", TensorDirectory = "tensors", Role = SiloRole.Shared }.Validate();
    }

    private static string Refused(SiloSettings settings) => Assert.Throws<InvalidInputException>(settings.Validate).Message;
}
