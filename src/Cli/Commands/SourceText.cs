using System.Collections.Immutable;
using AdaptCluster.Cli.Output;
using AdaptCluster.Grains.Interfaces.Renewals;
using AdaptCluster.Grains.Interfaces.Sources;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary>A source for a person to read.</summary>
internal static class SourceText
{
    private const int MostNames = 12;

    public static void Write(CommandOutput output, SourceDescription source)
    {
        output.Line($"source      {source.Name}");
        long all = source.Parameters + source.FrozenParameters;
        output.Line($"network     {source.Network}, {all:N0} parameters");
        if (source.FrozenParameters > 0)
        {
            output.Line($"adapts      {source.Parameters:N0} of {all:N0} parameters: {Names(source.AdaptedBlocks)}");
        }

        output.Line(source.IsPositional
            ? $"inputs      {source.Schema.Width:N0} numbers by position: the columns of a file but task and target, in file order"
            : $"inputs      {Names([.. source.Schema.Columns.Select(Describe)])}");
        output.Line(source.IsPositional && source.Targets.Length == 1
            ? "target      any column, which --target names"
            : $"target{(source.Targets.Length == 1 ? "  " : "s ")}    {Names(source.Targets)}{(source.IsPositional ? ", by whatever names" : string.Empty)}");
        output.Line($"registered  {source.Registered:u}");
        output.Line($"model       {source.ModelHash}");
        if (source.Training is { } training)
        {
            output.Line(
                $"trained     {training.Rows:N0} rows, {training.Epochs} epochs (kept {training.BestEpoch}), held-out MSE {training.ValidationMse:G5}, {training.Seconds:0.0} s");
        }

        if (source.Prior is null)
        {
            output.Line($"prior       none yet: learn one with 'adapt prior fit {source.Name}'");
        }
        else
        {
            WritePrior(output, source.Prior);
        }
    }

    public static void WritePrior(CommandOutput output, PriorDescription prior)
    {
        output.Line($"prior       version {prior.Version}, mean {(prior.MeanIsSource ? "source" : "zero")}, {(prior.OutputsAreIndependent ? "outputs independent, " : string.Empty)}"
            + $"noise variance {string.Join(", ", prior.NoiseVariance.Select(value => value.ToString("G4")))}, "
            + $"source-only noise variance {prior.SourceNoiseVariance:G4} (network's output scale)");
        if (prior.Fit is { } fit)
        {
            output.Line(
                $"fitted      {fit.Tasks:N0} tasks, {fit.Rows:N0} rows, {fit.Iterations} iterations, {fit.Seconds:0.0} s; {fit.Status}");
            output.Line(
                $"evidence    {fit.LogEvidencePerRow:0.0000} nats per row (nothing adapted: {fit.SourceLogDensityPerRow:0.0000})");
        }

        WriteSpread(output, prior);
        WriteMoves(output, prior);
        Table table = TextTable.Create("block", ">scale");
        for (int block = 0; block < prior.BlockScales.Length; block++)
        {
            table.Add(prior.BlockNames[block], prior.BlockScales[block].ToString("G4"));
        }

        output.Table(table);
    }

    public static void WriteRenewal(CommandOutput output, RenewalDescription? renewal)
    {
        if (renewal is null)
        {
            return;
        }

        output.Line($"tasks       {renewal.Renewed:N0} of {renewal.Tasks:N0} on version {renewal.PriorVersion}{(renewal.IsRunning ? ", others are being adapted" : string.Empty)}"
            + $"{(renewal.Waiting > 0 ? $", {renewal.Waiting:N0} hold new rows and wait for 'adapt tasks adapt'" : string.Empty)}");
        foreach (RenewalFailure failure in renewal.Failures)
        {
            output.Line($"not adapted task '{failure.Task}': {failure.Reason}");
        }

        if (renewal.Failed > renewal.Failures.Length)
        {
            output.Line($"            and {renewal.Failed - renewal.Failures.Length:N0} more tasks");
        }
    }

    private static void WriteSpread(CommandOutput output, PriorDescription prior)
    {
        if (prior.SpreadTrust > 0)
        {
            output.Line($"spread      noise {prior.NoiseSpread:G3}, scale {prior.ScaleSpread:G3} (standard deviations of logarithms over tasks), "
                + $"trust in a task's own rows {prior.SpreadTrust:G3}, worth {prior.Fit?.SpreadGainPerRow ?? 0:0.0000} nats per row not seen");
        }
    }

    private static void WriteMoves(CommandOutput output, PriorDescription prior)
    {
        if (prior.MovesHash is { } hash)
        {
            output.Line($"directions  {prior.Rank}, and a shift: {hash}");
        }

        if (prior.Fit is not { } fit)
        {
            return;
        }

        if (!fit.Ranks.IsDefaultOrEmpty)
        {
            output.Line($"held out    {string.Join(", ", fit.Ranks.Select(rank => $"{rank.Rank} direction{(rank.Rank == 1 ? string.Empty : "s")} {rank.HeldOutLogEvidencePerRow:0.0000}"))} nats per row");
        }

        ImmutableArray<ExcludedTaskDescription> excluded = fit.Excluded.IsDefault ? [] : fit.Excluded;
        foreach (ExcludedTaskDescription task in excluded.Take(MostNames))
        {
            output.Line($"left out    task '{task.Task}': {task.Reason}");
        }

        if (excluded.Length > MostNames)
        {
            output.Line($"            and {excluded.Length - MostNames:N0} more tasks");
        }
    }

    /// <summary>The first names, and how many more there are.</summary>
    public static string Names(ImmutableArray<string> names) => names.IsDefaultOrEmpty
        ? "none"
        : string.Join(", ", names.Take(MostNames)) + (names.Length > MostNames ? $" and {names.Length - MostNames:N0} more" : string.Empty);

    private static string Describe(InputColumn column)
    {
        string index = column.IsIndex ? ", as indices" : string.Empty;
        return column.IsCategorical ? $"{column.Name} ({column.Categories.Length:N0} values{index})"
            : column.IsTensor ? $"{column.Name} ({column.Length:N0} numbers{index})"
            : column.IsIndex ? $"{column.Name} (an index)"
            : column.Name;
    }
}
