using System.Net;
using AdaptCluster.Client.Connections;
using AdaptCluster.Grains.Interfaces.Errors;

namespace AdaptCluster.Cli.Tests.Sessions;

public sealed class GatewayListTests
{
    [Fact]
    public void Parse_AddressesAndNames_AreGateways() => Assert.Equal(
        [new IPEndPoint(IPAddress.Parse("10.0.0.5"), 30_000), new DnsEndPoint("silo-2", 30_001), new IPEndPoint(IPAddress.IPv6Loopback, 1)],
        GatewayList.Parse("10.0.0.5:30000, silo-2:30001,[::1]:1"));

    [Theory]
    [InlineData("", "it names no silo")]
    [InlineData("silo", "'silo' is not host:port")]
    [InlineData("silo:0", "'silo:0' is not host:port")]
    [InlineData("silo:99999", "'silo:99999' is not host:port")]
    [InlineData(":1", "':1' is not host:port")]
    public void Parse_WhatIsNone_RefusedByTheCallersName(string text, string problem) => Assert.Equal(
        $"Cluster: {problem}; use host:port[,host:port].",
        Assert.Throws<InvalidInputException>(() => GatewayList.Parse(text, "Cluster")).Message);
}
