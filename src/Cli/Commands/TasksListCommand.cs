using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt tasks list</c>.</summary>
internal static class TasksListCommand
{
    public static Command Create()
    {
        Option<string?> source = TasksCommand.SourceOption();
        var command = new Command("list", "Lists the tenant's tasks.") { source };
        command.SetAction(context => RunAsync(context, context.Find(source)));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string? source)
    {
        await using ClusterSession session = await context.OpenAsync();
        SourceDescription[] sources = source is null
            ? [.. await session.Client.ListSourcesAsync(context.CancellationToken)]
            : [await session.Client.Source(source).DescribeAsync(context.CancellationToken)];
        var tasks = new List<TaskDescription>();
        foreach (SourceDescription one in sources)
        {
            await foreach (TaskDescription task in session.Client.Source(one.Name).ListTasksAsync(context.CancellationToken))
            {
                tasks.Add(task);
            }
        }

        context.Output.Document(new { tasks });
        Table table = TextTable.Create("task", "source", "status", ">rows", ">version", ">LOO MSE", ">source MSE");
        foreach (TaskDescription task in tasks)
        {
            table.Add(
                task.Name,
                task.Source,
                task.Status.ToString(),
                task.Observations.ToString("N0"),
                task.Posterior?.Version.ToString() ?? "-",
                task.Posterior?.LeaveOneOut.MeanSquaredError.ToString("G5") ?? "-",
                task.Posterior?.SourceOnly.MeanSquaredError.ToString("G5") ?? "-");
        }

        if (tasks.Count == 0)
        {
            context.Output.Line("no tasks yet: make some with 'adapt tasks adapt'");
        }
        else
        {
            context.Output.Table(table);
        }

        return CommandAction.Done;
    }
}
