using System.Collections.Immutable;
using AdaptCluster.Cli.Schemas;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Client.Panels;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Naming;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary>A wide file: a row for every input, a column for every target, and an empty cell where a target did not observe a row.</summary>
internal static class PanelFile
{
    /// <summary>The columns that are targets.</summary>
    /// <param name="table">The file.</param>
    /// <param name="named">Their names, or null.</param>
    /// <param name="from">The first of them, all that follow being targets too; or null. One of both is given.</param>
    /// <exception cref="TableException">There is no such column.</exception>
    /// <exception cref="InvalidInputException">A column is named twice, or cannot be a target's name.</exception>
    public static ImmutableArray<string> Targets(Table table, IReadOnlyList<string>? named, string? from)
    {
        if (from is not null)
        {
            table.RequireColumn(from);
        }

        ImmutableArray<string> targets = named is not null
            ? [.. named]
            : [.. table.Names.SkipWhile(name => name != from)];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string target in targets)
        {
            table.RequireColumn(target);
            if (!seen.Add(target))
            {
                throw new InvalidInputException("--targets", $"'{target}' is named twice", "name it once");
            }

            try
            {
                EntityName.Require(target, "target");
            }
            catch (InvalidInputException error)
            {
                throw new TableException(table.Source, error.Message.TrimEnd('.'), "rename the column", column: target);
            }
        }

        return targets;
    }

    /// <summary>Inputs and targets, for a source that exists.</summary>
    /// <exception cref="TableException">The file cannot be used; the message names the place.</exception>
    /// <exception cref="InvalidInputException">The source has several outputs.</exception>
    public static (Table Table, Rows Inputs, IReadOnlyList<PanelTargetRows> Targets) Labelled(
        Table table, SourceDescription source, ImmutableArray<string> targets, bool dropMissing)
    {
        if (source.Targets.Length > 1)
        {
            throw new InvalidInputException(
                $"source '{source.Name}'", $"it predicts {source.Targets.Length} targets, and a column of a wide file is one", "use the client library for panels of several outputs");
        }

        (table, Rows inputs) = Inputs(table, source, targets, dropMissing, beside: null);
        if (inputs.Count > IPanelGrain.MaxObservations)
        {
            throw new TableException(table.Source, $"it has {inputs.Count:N0} rows", $"give at most {IPanelGrain.MaxObservations:N0}, or adapt larger tasks one by one");
        }

        return (table, inputs, [.. targets.Select(target => Observed(table, target))]);
    }

    /// <summary>Inputs alone.</summary>
    /// <param name="table">The file.</param>
    /// <param name="source">The source.</param>
    /// <param name="others">Columns that are no inputs.</param>
    /// <param name="dropMissing">Whether rows with a missing input are left out.</param>
    /// <param name="beside">The only columns that may stand beside the inputs; null for any.</param>
    /// <exception cref="TableException">The file cannot be used; the message names the place.</exception>
    public static (Table Table, Rows Inputs) Inputs(
        Table table, SourceDescription source, IReadOnlyCollection<string> others, bool dropMissing, IReadOnlyCollection<string>? beside)
    {
        InputSchema schema = SourceColumns.Schema(source, table, others);
        FeatureEncoder.RequireColumns(schema, table, beside);
        string[] features = [.. schema.Columns.Select(column => column.Name)];
        if (features.FirstOrDefault(others.Contains) is { } misused)
        {
            throw new TableException(table.Source, "the source reads this column: it is no target", "name targets only", column: misused);
        }

        if (dropMissing)
        {
            table = table.DropMissing(features, schema);
        }
        else
        {
            table.RefuseMissing(features, schema);
        }

        EncodedFeatures encoded = FeatureEncoder.Encode(schema, table, beside);
        return (table, new Rows(encoded.Rows, encoded.Width, encoded.Values));
    }

    private static PanelTargetRows Observed(Table table, string target)
    {
        double[] values = table.NumbersOrMissing(target);
        int observed = values.Count(value => !double.IsNaN(value));
        return observed >= IPanelGrain.MinObserved
            ? new PanelTargetRows(target, new Rows(values.Length, 1, values))
            : throw new TableException(
                table.Source,
                $"the target observed {(observed == 0 ? "no row" : "one row")}; it needs at least {IPanelGrain.MinObserved}",
                "fill in more cells, or leave the column out with --targets",
                column: target);
    }
}
