using System.CommandLine;
using AdaptCluster.Cli.Sessions;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt prior cancel</c>: ends the fit of a source's prior, whoever began it.</summary>
internal static class PriorCancelCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source." };
        var command = new Command("cancel", "Ends the fit of a source's prior that is under way; the prior in force stays.") { source };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            string name = context.Get(source);
            bool cancelled = await session.Client.Source(name).CancelPriorFitAsync(context.CancellationToken);
            context.Output.Document(new { source = name, cancelled });
            context.Output.Line(cancelled ? $"the fit of the prior of '{name}' was cancelled" : $"no fit of the prior of '{name}' is under way");
            return CommandAction.Done;
        });
        return command;
    }
}
