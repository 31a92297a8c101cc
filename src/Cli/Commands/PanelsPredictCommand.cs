using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Panels;
using AdaptCluster.Client.Sources;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt panels predict</c>: every row of a file for every target, in the long format of <c>adapt predict</c>.</summary>
internal static class PanelsPredictCommand
{
    private const int TargetsInFlight = 32;

    public static Command Create()
    {
        Argument<string> source = PanelsCommand.Source();
        Argument<string> panel = PanelsCommand.Panel();
        var options = new Options(
            new("--data") { Description = "A CSV (.csv, .csv.gz) or Parquet file of inputs; columns of the panel's targets are passed over.", Required = true },
            new("--out") { Description = "The file to write, CSV or Parquet by its extension; its column 'task' has the target.", Required = true },
            new("--targets") { Description = "The targets, separated by commas. Default: all that have a posterior." },
            new("--drop-missing") { Description = "Leaves out rows with missing inputs instead of refusing them." },
            new("--ignore-extra") { Description = "Passes over columns that the source does not use." });
        var command = new Command("predict", "Predicts the rows of a file for a panel's targets: mean, standard deviation and 95% interval.")
        {
            source, panel, options.Data, options.Out, options.Targets, options.DropMissing, options.IgnoreExtra,
        };
        command.SetAction(context => RunAsync(context, context.Get(source), context.Get(panel), options));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string sourceName, string panelName, Options options)
    {
        string destination = context.Get(options.Out);
        PredictionsFile.CheckPath(destination);
        IReadOnlyList<string>? named = context.Names(options.Targets);
        Table file = await TableFile.ReadAsync(context.Get(options.Data), null, context.CancellationToken);
        await using ClusterSession session = await context.OpenAsync();
        SourceHandle source = session.Client.Source(sourceName);
        PanelHandle panel = source.Panel(panelName);
        SourceDescription description = await source.DescribeAsync(context.CancellationToken);
        IReadOnlyList<PanelTargetDescription> all = await panel.ListTargetsAsync(context.CancellationToken);
        string[] targets = Choose(all, named, panelName, sourceName);
        string[] others = [.. all.Select(target => target.Name).Concat(description.Targets).Where(file.Names.Contains).Distinct(StringComparer.Ordinal)];
        (Table table, Rows inputs) = PanelFile.Inputs(
            file, description, others, context.Find(options.DropMissing), context.Find(options.IgnoreExtra) ? null : others);
        Prediction[] predictions = await PredictAsync(context, panel, targets, inputs);
        PredictionRow[] rows = [.. targets.SelectMany((target, t) => RowsOf(target, predictions[t], table, description))];
        await PredictionsFile.WriteAsync(destination, rows, context.CancellationToken);
        string[] without = named is null ? [.. all.Where(target => target.Version == 0).Select(target => target.Name)] : [];
        context.Output.Document(new { panel = panelName, source = sourceName, @out = Path.GetFullPath(destination), targets = targets.Length, rows = table.RowCount, without });
        context.Output.Line($"predicted {table.RowCount:N0} rows for {PanelsCommand.Count(targets.Length)} into {destination}");
        if (without.Length > 0)
        {
            context.Output.Note($"adapt: {PanelsCommand.Count(without.Length)} without a posterior left out: {Quote.Some(without, 5)}.");
        }

        return CommandAction.Done;
    }

    private static string[] Choose(IReadOnlyList<PanelTargetDescription> all, IReadOnlyList<string>? named, string panel, string source)
    {
        Dictionary<string, PanelTargetDescription> known = all.ToDictionary(target => target.Name, StringComparer.Ordinal);
        foreach (string name in named ?? [])
        {
            if (!known.TryGetValue(name, out PanelTargetDescription? target))
            {
                throw new NotFoundException($"target of panel '{panel}'", name, $"'adapt panels show {source} {panel}' shows those there are");
            }

            if (target.Version == 0)
            {
                throw new NotFoundException("posterior of target", name, target.Failure is null ? "adapt the panel first" : $"it has {target.Failure}");
            }
        }

        string[] targets = named is null ? [.. all.Where(target => target.Version > 0).Select(target => target.Name)] : [.. named.Distinct(StringComparer.Ordinal)];
        return targets.Length > 0 ? targets : throw new NotFoundException("posterior of panel", panel, $"adapt it with 'adapt panels adapt {source} {panel}'");
    }

    private static Task<Prediction[]> PredictAsync(CommandContext context, PanelHandle panel, string[] targets, Rows inputs) =>
        ProgressBars.RunAsync(context.Output, $"predicting {PanelsCommand.Count(targets.Length)}", async report =>
        {
            var predictions = new Prediction[targets.Length];
            int done = 0;
            await Parallel.ForAsync(
                0,
                targets.Length,
                new ParallelOptions { MaxDegreeOfParallelism = TargetsInFlight, CancellationToken = context.CancellationToken },
                async (index, token) =>
                {
                    predictions[index] = await panel.PredictAsync(targets[index], inputs, token);
                    int count = Interlocked.Increment(ref done);
                    report((double)count / targets.Length, $"{count} of {targets.Length}");
                });
            return predictions;
        });

    private static IEnumerable<PredictionRow> RowsOf(string target, Prediction prediction, Table table, SourceDescription source)
    {
        for (int i = 0; i < table.RowCount; i++)
        {
            for (int output = 0; output < source.Targets.Length; output++)
            {
                double mean = prediction.Mean[i][output];
                double deviation = prediction.StandardDeviation(i, output);
                double half = Prediction.Normal95 * deviation;
                yield return new PredictionRow(target, table.SourceRow(i), mean, deviation, mean - half, mean + half, prediction.Version)
                {
                    Target = source.Targets.Length == 1 ? null : source.Targets[output],
                };
            }
        }
    }

    private sealed record Options(Option<string> Data, Option<string> Out, Option<string?> Targets, Option<bool> DropMissing, Option<bool> IgnoreExtra);
}
