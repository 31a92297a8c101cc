using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt tasks release</c>: lets a quarantined task be adapted again.</summary>
internal static class TasksReleaseCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("task") { Description = "The task." };
        Option<string?> source = TasksCommand.SourceOption();
        var command = new Command("release", "Lets a quarantined task be adapted again, after what ended its silos was mended.") { name, source };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            TaskHandle handle = await TasksCommand.FindAsync(context, session, context.Get(name), context.Find(source));
            TaskDescription task = await handle.ReleaseAsync(context.CancellationToken);
            context.Output.Document(task);
            context.Output.Line($"task '{task.Name}': {task.Status}");
            return CommandAction.Done;
        });
        return command;
    }
}
