using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client;

namespace AdaptCluster.Cli.Commands;

/// <summary>The options of every command.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string> Cluster = new("--cluster")
    {
        Description = "'embedded', or the gateways of running silos as host:port[,host:port].",
        DefaultValueFactory = _ => "embedded",
        Recursive = true,
    };

    public static readonly Option<string> DataDirectory = new("--data-dir")
    {
        Description = "The folder that holds everything that lasts. A silo that serves it is found and used.",
        DefaultValueFactory = _ => "./.adapt",
        Recursive = true,
    };

    public static readonly Option<string> Tenant = new("--tenant")
    {
        Description = "The tenant that owns sources and tasks.",
        DefaultValueFactory = _ => AdaptClient.DefaultTenant,
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "One JSON document on standard output, everything else on standard error.",
        Recursive = true,
    };

    public static readonly Option<bool> ConsoleTelemetry = new("--telemetry-console")
    {
        Description = "Writes traces and metrics of a silo in this process to standard output.",
        Recursive = true,
    };

    public static SessionOptions Session(this ParseResult parse) => new(
        parse.GetRequiredValue(Cluster),
        parse.GetRequiredValue(DataDirectory),
        parse.GetRequiredValue(Tenant),
        parse.GetValue(ConsoleTelemetry));
}
