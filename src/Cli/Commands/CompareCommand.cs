using System.Collections.Immutable;
using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Comparisons;
using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Comparisons;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt compare</c>: adaptation against what one would have done anyway.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var source = new Argument<string?>("source")
        {
            Description = "The source whose network is compared; it should not have seen the tasks of the file. Without it, --hidden.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var data = new DataOptions();
        var options = new CompareOptions();
        var command = new Command("compare", "Compares adaptation with its baselines: some tasks are learned from, of each of the others k rows are seen and the rest is scored.")
        {
            source,
        };
        data.AddTo(command, target: true, minRows: false);
        options.AddTo(command);
        command.SetAction(context => RunAsync(context, context.Parse.GetValue(source), data, options));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string? name, DataOptions data, CompareOptions options)
    {
        if (name is not null == context.IsGiven(options.Hidden))
        {
            throw new InvalidInputException(
                "compare", name is null ? "it names neither a source nor --hidden" : "a source and --hidden say the same in different ways", "give one of them");
        }

        ComparisonOptions plain = options.Read(context, name);
        CompareFolder? folder = context.Find(options.Folder) is { } path ? CompareFolder.Prepare(path) : null;
        if (name is not null)
        {
            context.Output.Note($"the network of '{name}' is used as it is: the comparison is honest only where it has not seen these tasks (--hidden trains one per split)");
            await using LabelledInput input = await LabelledInput.OpenAsync(context, name, data);
            TaskRows[] tasks = [.. input.Tasks.Select(group => new TaskRows(group.Group.Task, group.Rows))];
            return await RunAsync(context, input.Session, tasks, plain, folder);
        }

        Table table = await TableFile.ReadAsync(context.Get(data.Data), null, context.CancellationToken);
        var columns = new TrainingColumns(context.Get(data.Target), context.Names(options.Features), null);
        (InputSchema schema, ImmutableArray<string> targets, LabelledRows rows, IReadOnlyList<TaskGroup> groups) = TaskFile.ForTraining(
            table, columns, context.Get(data.Task), context.Find(data.DropMissing));
        await using ClusterSession session = await context.OpenAsync();
        TaskRows[] all = [.. groups.Select(group => new TaskRows(group.Task, rows.Select(group.Rows)))];
        return await RunAsync(context, session, all, options.Training(context, plain, schema, targets), folder);
    }

    private static async Task<int> RunAsync(
        CommandContext context, ClusterSession session, TaskRows[] tasks, ComparisonOptions options, CompareFolder? folder)
    {
        long started = TimeProvider.System.GetTimestamp();
        ComparisonReport report = await ProgressBars.RunAsync(context.Output, $"comparing on {tasks.Length:N0} tasks", bar => session.Client.CompareAsync(
            tasks,
            options,
            new InlineProgress<ComparisonUpdate>(update => bar(update.Share, $"split {update.Split} of {update.Splits}, {update.Step}")),
            context.CancellationToken));
        var document = new CompareReport
        {
            Tasks = tasks.Length,
            Rows = tasks.Sum(task => task.Rows.Count),
            Splits = options.Splits,
            TrainShare = options.TrainShare,
            Seed = options.Seed,
            Scores = report.Scores,
            Curve = report.Curve,
            CandidateWeights = report.CandidateWeights,
            Seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
        };
        CompareTables.Write(context.Output, document);
        context.Output.Document(document);
        if (folder is not null)
        {
            await folder.WriteAsync(document);
            context.Output.Line($"wrote {folder.Figure} and {folder.Report} in {document.Seconds:0} s");
        }

        return CommandAction.Done;
    }
}
