using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Grains.Interfaces.Sources;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt sources list</c>.</summary>
internal static class SourcesListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "Lists the tenant's sources.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using ClusterSession session = await context.OpenAsync();
        IReadOnlyList<SourceDescription> sources = await session.Client.ListSourcesAsync(context.CancellationToken);
        context.Output.Document(new { sources });
        Table table = TextTable.Create("source", "network", ">parameters", "target", ">prior");
        foreach (SourceDescription source in sources)
        {
            table.Add(
                source.Name,
                source.Network.ToString(),
                source.Parameters.ToString("N0"),
                SourceText.Names(source.Targets),
                source.Prior is null ? "none" : $"version {source.Prior.Version}");
        }

        if (sources.Count == 0)
        {
            context.Output.Line("no sources yet: train one with 'adapt sources train', or import one with 'adapt sources import'");
        }
        else
        {
            context.Output.Table(table);
        }

        return CommandAction.Done;
    }
}
