using System.CommandLine;
using System.Diagnostics;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt tasks adapt</c>: one target task per value of the task column.</summary>
internal static class TasksAdaptCommand
{
    public static Command Create()
    {
        var named = new Argument<string?>("source") { Description = "The source to adapt.", Arity = ArgumentArity.ZeroOrOne };
        var source = new Option<string?>("--source") { Description = $"The source to adapt; '{SourceChooser.Auto}' gives every task the one that explains its rows best." };
        var data = new DataOptions();
        var concurrency = new Option<int>("--concurrency") { Description = "How many tasks are under way at a time.", DefaultValueFactory = _ => 64 };
        var command = new Command("adapt", "Gives every value of the task column a model of its own.") { named };
        command.Options.Add(source);
        data.AddTo(command, target: true, minRows: true);
        command.Options.Add(concurrency);
        command.SetAction(async context =>
        {
            string name = SourceName(context.Find(named), context.Find(source));
            int width = context.Positive(concurrency);
            return await (name == SourceChooser.Auto ? RunAutoAsync(context, data, width) : RunAsync(context, name, data, width));
        });
        return command;
    }

    private static string SourceName(string? argument, string? option) => (argument, option) switch
    {
        ({ } name, null) => name,
        (null, { } name) => name,
        (null, null) => throw new InvalidInputException("source", "none is named", $"name one, or let every task choose with --source {SourceChooser.Auto}"),
        _ => throw new InvalidInputException("--source", "the source is named twice", "name it once"),
    };

    private static async Task<int> RunAutoAsync(CommandContext context, DataOptions data, int concurrency)
    {
        Tables.Table file = await Tables.TableFile.ReadAsync(context.Get(data.Data), null, context.CancellationToken);
        await using ClusterSession session = await context.OpenAsync();
        SourceChooser chooser = await SourceChooser.OpenAsync(context, session, file, data);
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<(SourceHandle Source, IReadOnlyList<LabelledGroup> Tasks)> chosen = await ProgressBars.RunAsync(
            context.Output, "choosing sources", report => chooser.ChooseAsync(concurrency, report, context.CancellationToken));
        var outcomes = new List<TaskOutcome>();
        foreach ((SourceHandle source, IReadOnlyList<LabelledGroup> tasks) in chosen)
        {
            context.Output.Line($"source {source.Key.Source}: {tasks.Count} tasks");
            if (tasks.Count > 0)
            {
                outcomes.AddRange(await ProgressBars.RunAsync(
                    context.Output, $"adapting {tasks.Count} tasks of {source.Key.Source}", report => AdaptAsync(context, source, tasks, concurrency, report)));
            }
        }

        return Report(context, SourceChooser.Auto, outcomes, Stopwatch.GetElapsedTime(started));
    }

    private static async Task<int> RunAsync(CommandContext context, string name, DataOptions data, int concurrency)
    {
        int minRows = context.NotNegative(data.MinRows);
        await using LabelledInput input = await LabelledInput.OpenAsync(context, name, data);
        TaskSizes.RequireNames(input.Tasks, input.Table);
        HashSet<string> existing = [.. await input.Source.ListTaskNamesAsync(context.CancellationToken)];
        IReadOnlyList<LabelledGroup> tasks = TaskSizes.Require(input.Tasks, minRows, input.Table, context.Output, existing);
        long started = Stopwatch.GetTimestamp();
        List<TaskOutcome> outcomes = await ProgressBars.RunAsync(
            context.Output, $"adapting {tasks.Count} tasks", report => AdaptAsync(context, input.Source, tasks, concurrency, report));
        return Report(context, name, outcomes, Stopwatch.GetElapsedTime(started));
    }

    private static async Task<List<TaskOutcome>> AdaptAsync(
        CommandContext context, SourceHandle source, IReadOnlyList<LabelledGroup> tasks, int concurrency, Action<double, string> report)
    {
        var outcomes = new List<TaskOutcome>(tasks.Count);
        int acknowledged = 0;
        IEnumerable<Client.Data.TaskRows> rows = tasks.Select(task => new Client.Data.TaskRows(task.Group.Task, task.Rows));
        await foreach (TaskOutcome outcome in source.AdaptManyAsync(rows, concurrency, context.CancellationToken))
        {
            outcomes.Add(outcome);
            acknowledged += outcome.Error is null ? 1 : 0;
            report((double)outcomes.Count / tasks.Count, $"{acknowledged} of {tasks.Count} acknowledged");
        }

        return outcomes;
    }

    private static int Report(CommandContext context, string source, List<TaskOutcome> outcomes, TimeSpan elapsed)
    {
        TaskDescription[] adapted = [.. outcomes.Select(outcome => outcome.Description).OfType<TaskDescription>()];
        TaskOutcome[] failed = [.. outcomes.Where(outcome => outcome.Error is not null)];
        double rate = adapted.Length / elapsed.TotalSeconds;
        context.Output.Document(new
        {
            source,
            adapted = adapted.Length,
            seconds = elapsed.TotalSeconds,
            adaptationsPerSecond = rate,
            tasks = adapted.OrderBy(task => task.Name, StringComparer.Ordinal),
            failed = failed.Select(outcome => new { task = outcome.Task, error = outcome.Error!.Message }),
        });
        context.Output.Line($"adapted {adapted.Length} tasks in {elapsed.TotalSeconds:0.00} s ({rate:0} per second)");
        if (adapted.Length > 0)
        {
            context.Output.Line(
                $"leave-one-out MSE {adapted.Average(task => task.Posterior!.LeaveOneOut.MeanSquaredError):G5}, "
                + $"nothing adapted {adapted.Average(task => task.Posterior!.SourceOnly.MeanSquaredError):G5} (mean over tasks)");
        }

        foreach (TaskOutcome outcome in failed)
        {
            context.Output.Note($"adapt: task '{outcome.Task}' failed: {outcome.Error!.Message}");
        }

        if (failed.Length == 0)
        {
            return CommandAction.Done;
        }

        return failed.All(outcome => CommandAction.IsBadInput(outcome.Error!)) ? CommandAction.BadInput : CommandAction.Failed;
    }
}
