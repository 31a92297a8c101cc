using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Solves;
using AdaptCluster.Grains.Interfaces.Tasks;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt explain</c>: how a task is solved, in which other ways it could be, and what was predicted against what it took.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("task") { Description = "The task." };
        Option<string?> source = TasksCommand.SourceOption();
        var command = new Command("explain", "Says how a task would be solved now and why, and what the last solve took against what was predicted.") { name, source };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            TaskHandle handle = await TasksCommand.FindAsync(context, session, context.Get(name), context.Find(source));
            TaskDescription task = await handle.DescribeAsync(context.CancellationToken);
            PlanExplanation plan = await handle.ExplainAsync(null, context.CancellationToken);
            context.Output.Document(new { task = task.Name, source = task.Source, plan, lastSolve = task.Posterior?.Solve, posterior = task.Posterior });
            Write(context.Output, task, plan);
            return CommandAction.Done;
        });
        return command;
    }

    private static void Write(CommandOutput output, TaskDescription task, PlanExplanation plan)
    {
        output.Line($"task    {task.Name} of source {task.Source}, {plan.Rows:N0} rows");
        output.Line($"chosen  {(plan.Chosen is null ? "nothing: " : $"{plan.Chosen}: ")}{plan.Why}");
        foreach (string device in plan.Devices)
        {
            output.Line($"device  {device}");
        }

        Table table = TextTable.Create("plan", ">GFLOP", ">iterations", ">bytes each", ">messages each", ">shard MB", ">coordinator MB", ">seconds", "why not");
        foreach (PlanCandidateDescription way in plan.Candidates)
        {
            table.Add(
                way.Name,
                Number(way.Flops / 1e9),
                way.Iterations == 0 ? "-" : $"{way.Iterations}",
                way.Iterations == 0 ? "-" : $"{way.BytesPerIteration:N0}",
                way.Iterations == 0 ? "-" : $"{way.MessagesPerIteration}",
                Number(way.ShardBytes / 1e6),
                way.Iterations == 0 ? "-" : Number(way.CoordinatorBytes / 1e6),
                Number(way.Seconds),
                way.Reason ?? string.Empty);
        }

        output.Table(table);
        if (task.Posterior is { } posterior)
        {
            WriteLast(output, posterior);
        }
    }

    private static void WriteLast(CommandOutput output, PosteriorDescription posterior)
    {
        if (posterior.Solve is not { } solve)
        {
            output.Line($"The posterior there is, version {posterior.Version}, came from a direct solve in {posterior.Space} space: {posterior.DeviceMilliseconds:0.0} ms on the device.");
            return;
        }

        output.Line($"The posterior there is, version {posterior.Version}: {solve.Plan.Name}; {solve.Iterations} iterations to a relative residual of {solve.RelativeResidual:0.0e+0}.");
        Table table = TextTable.Create("of it", ">predicted", ">measured");
        table.Add("seconds", Number(solve.Plan.Seconds), Number(solve.Seconds));
        table.Add("bytes per iteration", $"{solve.Plan.BytesPerIteration:N0}", $"{solve.BytesPerIteration:N0}");
        table.Add("messages per iteration", $"{solve.Plan.MessagesPerIteration}", $"{solve.MessagesPerIteration:0.#}");
        table.Add("shards loaded again", "0", $"{solve.Reloads}");
        output.Table(table);
    }

    private static string Number(double value) => double.IsFinite(value) && value > 0 ? value.ToString("G3") : "-";
}
