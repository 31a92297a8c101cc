using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt tasks cancel</c>: ends the iterative solve of a task.</summary>
internal static class TasksCancelCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("task") { Description = "The task." };
        Option<string?> source = TasksCommand.SourceOption();
        var command = new Command("cancel", "Ends the iterative solve of a task; predictions still come from its last posterior.") { name, source };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            TaskHandle handle = await TasksCommand.FindAsync(context, session, context.Get(name), context.Find(source));
            TaskDescription task = await handle.CancelAsync(context.CancellationToken);
            context.Output.Document(task);
            context.Output.Line($"task '{task.Name}': {task.Status}");
            return CommandAction.Done;
        });
        return command;
    }
}
