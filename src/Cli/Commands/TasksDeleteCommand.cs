using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt tasks delete</c>.</summary>
internal static class TasksDeleteCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("task") { Description = "The task." };
        Option<string?> source = TasksCommand.SourceOption();
        var command = new Command("delete", "Deletes a task with its observations and posterior.") { name, source };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            TaskHandle task = await TasksCommand.FindAsync(context, session, context.Get(name), context.Find(source));
            await task.DeleteAsync(context.CancellationToken);
            context.Output.Document(new { deleted = task.Key.Task, source = task.Key.Source });
            context.Output.Line($"deleted task {task.Key.Task} of source {task.Key.Source}");
            return CommandAction.Done;
        });
        return command;
    }
}
