using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt sources show</c>.</summary>
internal static class SourcesShowCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The source." };
        var command = new Command("show", "Describes a source.") { name };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            SourceDescription source = await session.Client.Source(context.Get(name)).DescribeAsync(context.CancellationToken);
            context.Output.Document(source);
            SourceText.Write(context.Output, source);
            return CommandAction.Done;
        });
        return command;
    }
}
