using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Panels;
using AdaptCluster.Client.Sources;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt panels adapt</c>: every column of a wide file is a target, and all are solved together.</summary>
internal static class PanelsAdaptCommand
{
    public static Command Create()
    {
        Argument<string> source = PanelsCommand.Source();
        Argument<string> panel = PanelsCommand.Panel();
        var options = new Options(
            new("--data") { Description = "A wide CSV (.csv, .csv.gz) or Parquet file: a row for every input, a column for every target, an empty cell where it was not observed.", Required = true },
            new("--targets") { Description = "The columns that are targets, separated by commas." },
            new("--targets-from") { Description = "The first column that is a target; all that follow are, too." },
            new("--drop-missing") { Description = "Leaves out rows with missing inputs instead of refusing them." });
        var command = new Command("adapt", "Gives every target column of a wide file a model of its own, all in one solve.")
        {
            source, panel, options.Data, options.Targets, options.TargetsFrom, options.DropMissing,
        };
        command.SetAction(context => RunAsync(context, context.Get(source), context.Get(panel), options));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string sourceName, string panelName, Options options)
    {
        context.RequireOneOf(options.Targets, options.TargetsFrom);
        IReadOnlyList<string>? named = context.Names(options.Targets);
        string? from = context.Find(options.TargetsFrom);
        if (named is null && from is null)
        {
            throw new InvalidInputException("--targets", "it is not given", "name the columns that are targets, or the first of them with --targets-from");
        }

        Table file = await TableFile.ReadAsync(context.Get(options.Data), null, context.CancellationToken);
        ImmutableArray<string> names = PanelFile.Targets(file, named, from);
        await using ClusterSession session = await context.OpenAsync();
        SourceHandle source = session.Client.Source(sourceName);
        PanelHandle panel = source.Panel(panelName);
        SourceDescription description = await source.DescribeAsync(context.CancellationToken);
        if (description.Prior is null)
        {
            // Said before anything is kept; the grain would say it after.
            throw new NotFoundException(
                "prior of source", sourceName, $"learn one with 'adapt prior fit {sourceName}' or set it with 'adapt prior set {sourceName}'");
        }

        (_, Rows inputs, IReadOnlyList<PanelTargetRows> targets) = PanelFile.Labelled(file, description, names, context.Find(options.DropMissing));
        long started = Stopwatch.GetTimestamp();
        await panel.CreateAsync(inputs, context.CancellationToken);
        await panel.ObserveAsync(targets, cancellationToken: context.CancellationToken);
        PanelDescription adapted = await ProgressBars.RunAsync(
            context.Output,
            $"solving {PanelsCommand.Count(targets.Count)}",
            report => panel.AdaptAsync(new Shown(report), context.CancellationToken));
        return await ReportAsync(context, panel, adapted, Stopwatch.GetElapsedTime(started));
    }

    private static async Task<int> ReportAsync(CommandContext context, PanelHandle panel, PanelDescription adapted, TimeSpan elapsed)
    {
        PanelTargetDescription[] failed = adapted.NotConverged == 0
            ? []
            : [.. (await panel.ListTargetsAsync(context.CancellationToken)).Where(target => target.Status == PanelTargetStatus.NotConverged)];
        context.Output.Document(new { panel = adapted, seconds = elapsed.TotalSeconds, notConverged = failed });
        context.Output.Line(
            $"panel {adapted.Name} of source {adapted.Source}: {adapted.Ready:N0} of {PanelsCommand.Count(adapted.Targets)} ready in {elapsed.TotalSeconds:0.00} s");
        if (adapted.LastSolve is { } solve)
        {
            context.Output.Line(
                $"block {solve.Block}: {PanelsCommand.Count(solve.Targets)} of {adapted.Inputs:N0} inputs, {solve.Iterations} iterations to a relative residual of {solve.RelativeResidual:0.0e+0}, {solve.Seconds:0.00} s");
        }

        foreach (PanelTargetDescription target in failed)
        {
            context.Output.Note($"adapt: target '{target.Name}' has no posterior: {target.Failure}.");
        }

        return failed.Length == 0 ? CommandAction.Done : CommandAction.Failed;
    }

    private sealed record Options(Option<string> Data, Option<string?> Targets, Option<string?> TargetsFrom, Option<bool> DropMissing);

    /// <summary>A block's progress on a bar, on the thread that tells it.</summary>
    private sealed class Shown(Action<double, string> report) : IProgress<PanelProgress>
    {
        public void Report(PanelProgress value)
        {
            if (value.Columns > 0)
            {
                report(
                    (double)(value.Columns - value.ActiveColumns) / value.Columns,
                    $"block {value.Block}, {value.Phase.ToString().ToLowerInvariant()}, iteration {value.Iteration}, residual {value.RelativeResidual:0.0e+0}, {value.ActiveColumns:N0} of {value.Columns:N0} active");
            }
        }
    }
}
