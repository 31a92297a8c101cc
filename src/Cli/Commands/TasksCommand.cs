using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt tasks</c>: the customers.</summary>
internal static class TasksCommand
{
    public static Command Create() => new("tasks", "Target tasks: one per customer.")
    {
        TasksAdaptCommand.Create(),
        TasksListCommand.Create(),
        TasksShowCommand.Create(),
        TasksWatchCommand.Create(),
        TasksCancelCommand.Create(),
        TasksReleaseCommand.Create(),
        TasksDeleteCommand.Create(),
    };

    /// <summary>The option that tells apart tasks of the same name.</summary>
    public static Option<string?> SourceOption() => new("--source") { Description = "The source that the task adapts. Default: any." };

    /// <summary>The task of a source, or without a source the only one of that name.</summary>
    public static async Task<TaskHandle> FindAsync(CommandContext context, ClusterSession session, string task, string? source) =>
        source is null
            ? await session.Client.FindTaskAsync(task, context.CancellationToken)
            : session.Client.Source(source).Task(task);
}
