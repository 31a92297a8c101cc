using System.CommandLine;
using AdaptCluster.Cli.Output;
using AdaptCluster.Cli.Sessions;
using AdaptCluster.Client.Panels;
using AdaptCluster.Grains.Interfaces.Panels;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary><c>adapt panels show</c>.</summary>
internal static class PanelsShowCommand
{
    private const int Shown = 50;

    public static Command Create()
    {
        Argument<string> source = PanelsCommand.Source();
        Argument<string> panel = PanelsCommand.Panel();
        var command = new Command("show", "Describes a panel and its targets.") { source, panel };
        command.SetAction(async context =>
        {
            await using ClusterSession session = await context.OpenAsync();
            PanelHandle handle = session.Client.Source(context.Get(source)).Panel(context.Get(panel));
            PanelDescription description = await handle.DescribeAsync(context.CancellationToken);
            IReadOnlyList<PanelTargetDescription> targets = await handle.ListTargetsAsync(context.CancellationToken);
            context.Output.Document(new { panel = description, targets });
            Write(context.Output, description, targets);
            return CommandAction.Done;
        });
        return command;
    }

    private static void Write(CommandOutput output, PanelDescription panel, IReadOnlyList<PanelTargetDescription> targets)
    {
        output.Line($"panel      {panel.Name} of source {panel.Source}");
        output.Line($"status     {panel.Status}{(panel.Failure is null ? string.Empty : $": {panel.Failure}")}");
        output.Line($"inputs     {panel.Inputs:N0} rows");
        output.Line($"targets    {panel.Targets:N0}: {panel.Ready:N0} ready, {panel.Stale:N0} stale, {panel.NotConverged:N0} not converged");
        if (panel.LastSolve is { } solve)
        {
            output.Line($"block {solve.Block,-4} {PanelsCommand.Count(solve.Targets)} at {solve.Computed:u}, prior version {solve.PriorVersion}: {solve.Iterations} iterations "
                + $"to a relative residual of {solve.RelativeResidual:0.0e+0}, {solve.Seconds:0.00} s");
        }

        // What somebody has to look at comes first.
        PanelTargetDescription[] first = [.. targets.OrderByDescending(target => target.Status == PanelTargetStatus.NotConverged).Take(Shown)];
        if (first.Length == 0)
        {
            return;
        }

        Table table = TextTable.Create("target", ">rows", ">version", "status");
        foreach (PanelTargetDescription target in first)
        {
            table.Add(target.Name, $"{target.Observed:N0}", $"{target.Version}", target.Failure is null ? $"{target.Status}" : $"{target.Status}: {target.Failure}");
        }

        output.Table(table);
        if (targets.Count > first.Length)
        {
            output.Line($"and {targets.Count - first.Length:N0} more; --json has all");
        }
    }
}
