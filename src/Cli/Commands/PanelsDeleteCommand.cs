using System.CommandLine;
using AdaptCluster.Cli.Sessions;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt panels delete</c>.</summary>
internal static class PanelsDeleteCommand
{
    public static Command Create()
    {
        Argument<string> source = PanelsCommand.Source();
        Argument<string> panel = PanelsCommand.Panel();
        var command = new Command("delete", "Deletes a panel with its inputs, targets and solutions.") { source, panel };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            await session.Client.Source(context.Get(source)).Panel(context.Get(panel)).DeleteAsync(context.CancellationToken);
            context.Output.Document(new { deleted = context.Get(panel), source = context.Get(source) });
            context.Output.Line($"deleted panel {context.Get(panel)} of source {context.Get(source)}");
            return CommandAction.Done;
        });
        return command;
    }
}
