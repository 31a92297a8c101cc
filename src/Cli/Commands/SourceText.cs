using AdaptCluster.Cli.Output;
using AdaptCluster.Grains.Interfaces.Sources;
using Spectre.Console;

namespace AdaptCluster.Cli.Commands;

/// <summary>A source for a person to read.</summary>
internal static class SourceText
{
    public static void Write(CommandOutput output, SourceDescription source)
    {
        output.Line($"source      {source.Name}");
        output.Line($"network     {source.Network}, {source.Parameters:N0} parameters");
        output.Line($"inputs      {string.Join(", ", source.Schema.Columns.Select(Describe))}");
        output.Line($"target      {string.Join(", ", source.Targets)}");
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
        output.Line($"prior       version {prior.Version}, mean {(prior.MeanIsSource ? "source" : "zero")}, "
            + $"noise variance {string.Join(", ", prior.NoiseVariance.Select(value => value.ToString("G4")))}, "
            + $"source-only noise variance {prior.SourceNoiseVariance:G4} (network's output scale)");
        if (prior.Fit is { } fit)
        {
            output.Line(
                $"fitted      {fit.Tasks:N0} tasks, {fit.Rows:N0} rows, {fit.Iterations} iterations, {fit.Seconds:0.0} s; {fit.Status}");
            output.Line(
                $"evidence    {fit.LogEvidencePerRow:0.0000} nats per row (nothing adapted: {fit.SourceLogDensityPerRow:0.0000})");
        }

        Table table = TextTable.Create("block", ">scale");
        for (int block = 0; block < prior.BlockScales.Length; block++)
        {
            table.Add(prior.BlockNames[block], prior.BlockScales[block].ToString("G4"));
        }

        output.Table(table);
    }

    private static string Describe(InputColumn column) =>
        column.IsCategorical ? $"{column.Name} ({column.Categories.Length} values)" : column.Name;
}
