using System.CommandLine;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt predict</c>: a file of rows becomes a file of predictions.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The source." };
        var data = new DataOptions();
        var destination = new Option<string>("--out") { Description = "The file to write, CSV or Parquet by its extension.", Required = true };
        var ignoreExtra = new Option<bool>("--ignore-extra") { Description = "Passes over columns that the source does not use." };
        var target = new Option<string?>("--target") { Description = "Columns of the file that are targets, not inputs. Default: those of the source's own names." };
        var command = new Command("predict", "Predicts the rows of a file: mean, standard deviation and 95% interval.") { source };
        data.AddTo(command, target: false, minRows: false);
        command.Options.Add(destination);
        command.Options.Add(ignoreExtra);
        command.Options.Add(target);
        command.SetAction(context => RunAsync(
            context, context.Get(source), data, context.Get(destination), context.Find(target), context.Find(ignoreExtra)));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string name, DataOptions data, string destination, string? target, bool ignoreExtra)
    {
        PredictionsFile.CheckPath(destination);
        Table file = await TableFile.ReadAsync(context.Get(data.Data), null, context.CancellationToken);
        await using ClusterSession session = await context.OpenAsync();
        SourceHandle source = session.Client.Source(name);
        SourceDescription description = await source.DescribeAsync(context.CancellationToken);
        (Table table, IReadOnlyList<InputGroup> tasks) = TaskFile.Inputs(
            file, description, context.Get(data.Task), target, context.Find(data.DropMissing), ignoreExtra);
        TaskGroup[] groups = [.. tasks.Select(task => task.Group)];
        Prediction[] predictions = await TaskPredictions.RunAsync(context, source, table, groups, index => tasks[index].Inputs);
        PredictionRow[] rows = [.. Enumerable.Range(0, groups.Length)
            .SelectMany(index => RowsOf(groups[index], predictions[index], table, description))
            .OrderBy(row => row.Row)];
        await PredictionsFile.WriteAsync(destination, rows, context.CancellationToken);
        context.Output.Document(new { source = name, @out = Path.GetFullPath(destination), tasks = groups.Length, rows = table.RowCount });
        context.Output.Line($"predicted {table.RowCount:N0} rows of {groups.Length:N0} tasks into {destination}");
        return CommandAction.Done;
    }

    private static IEnumerable<PredictionRow> RowsOf(TaskGroup group, Prediction prediction, Table table, SourceDescription source)
    {
        for (int i = 0; i < group.Rows.Length; i++)
        {
            for (int output = 0; output < source.Targets.Length; output++)
            {
                double mean = prediction.Mean[i][output];
                double deviation = prediction.StandardDeviation(i, output);
                double half = Prediction.Normal95 * deviation;
                yield return new PredictionRow(
                    group.Task, table.SourceRow(group.Rows[i]), mean, deviation, mean - half, mean + half, prediction.Version)
                {
                    Target = source.Targets.Length == 1 ? null : source.Targets[output],
                };
            }
        }
    }
}
