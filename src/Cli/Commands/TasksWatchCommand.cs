using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt tasks watch</c>: follows the iterative solve of a task to its end.</summary>
internal static class TasksWatchCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("task") { Description = "The task." };
        Option<string?> source = TasksCommand.SourceOption();
        var command = new Command("watch", "Follows the iterative solve of a task until it has ended.") { name, source };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            TaskHandle handle = await TasksCommand.FindAsync(context, session, context.Get(name), context.Find(source));
            await ProgressBars.RunAsync(context.Output, $"solving {context.Get(name)}", report => FollowAsync(context, handle, report));
            TaskDescription task = await handle.DescribeAsync(context.CancellationToken);
            context.Output.Document(task);
            context.Output.Line($"task '{task.Name}': {task.Status}{(task.Failure is null ? string.Empty : $": {task.Failure}")}");
            return task.Status is TargetTaskStatus.Failed or TargetTaskStatus.Quarantined ? CommandAction.Failed : CommandAction.Done;
        });
        return command;
    }

    private static async Task<int> FollowAsync(CommandContext context, TaskHandle handle, Action<double, string> report)
    {
        int updates = 0;
        await foreach (SolveProgressMessage update in handle.WatchAsync(context.CancellationToken))
        {
            updates++;
            report(Share(update), Text(update));
        }

        return updates;
    }

    // How far the residual has come from 1 to a millionth, on the logarithm: what is before and after takes a tenth each.
    private static double Share(SolveProgressMessage update) => update.Stage switch
    {
        SolveStage.Waiting or SolveStage.Loading => 0,
        SolveStage.Preparing => 0.05,
        SolveStage.Iterating => 0.1 + (0.8 * Math.Clamp(-Math.Log10(Math.Max(update.RelativeResidual, 1e-12)) / 6, 0, 1)),
        _ => 0.95,
    };

    private static string Text(SolveProgressMessage update)
    {
        string slow = update.SlowShards.IsDefaultOrEmpty ? string.Empty : $", waiting for shard {string.Join(", ", update.SlowShards)}";
        return update.Stage == SolveStage.Iterating
            ? $"iteration {update.Iteration}, relative residual {update.RelativeResidual:0.0e+0}{slow}"
            : $"{update.Stage.ToString().ToLowerInvariant()}{slow}";
    }
}
