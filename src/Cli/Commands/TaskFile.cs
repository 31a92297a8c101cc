using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary>The rows of a data file, encoded for a source and grouped by task.</summary>
internal static class TaskFile
{
    /// <summary>What training reads: the schema is made from the file.</summary>
    /// <exception cref="TableException">The file cannot be used; the message names the place.</exception>
    public static (InputSchema Schema, LabelledRows Rows) ForTraining(
        Table table, IReadOnlyList<string>? features, string target, string task, bool dropMissing)
    {
        table.RequireColumn(task);
        table.RequireColumn(target);
        features ??= [.. table.Names.Where(name => name != task && name != target)];
        if (features.FirstOrDefault(name => name == task || name == target) is { } misused)
        {
            throw new InvalidInputException("--features", $"'{misused}' is the task or the target", "name input columns only");
        }

        table = WithoutMissing(table, [.. features, task, target], dropMissing, null);
        InputSchema schema = FeatureSchema.Infer(table, features);
        EncodedFeatures inputs = FeatureEncoder.Encode(schema, table);
        return (schema, new LabelledRows(new Rows(inputs.Rows, inputs.Width, inputs.Values), Column(table, target)));
    }

    /// <summary>Inputs and targets by task, for a source that exists.</summary>
    /// <exception cref="TableException">The file cannot be used; the message names the place.</exception>
    /// <exception cref="InvalidInputException">The source predicts another target.</exception>
    public static (Table Table, IReadOnlyList<LabelledGroup> Tasks) Labelled(
        Table table, SourceDescription source, string target, string task, bool dropMissing)
    {
        if (source.Targets.Length != 1 || source.Targets[0] != target)
        {
            throw new InvalidInputException(
                "--target",
                $"source '{source.Name}' predicts {string.Join(", ", source.Targets)}, not '{target}'",
                $"use {source.Targets[0]}, or rename the column");
        }

        FeatureEncoder.RequireColumns(source.Schema, table);
        table = WithoutMissing(table, [.. Features(source), task, target], dropMissing, source.Schema);
        Rows inputs = Encode(source, table, null);
        var rows = new LabelledRows(inputs, Column(table, target));
        return (table, [.. Group(table, task).Select(group => new LabelledGroup(group, rows.Select(group.Rows)))]);
    }

    /// <summary>Inputs by task, for a source that exists.</summary>
    /// <param name="table">The table.</param>
    /// <param name="source">The source.</param>
    /// <param name="task">The column that names the task.</param>
    /// <param name="dropMissing">Whether incomplete rows are left out.</param>
    /// <param name="allowExtra">Whether columns that the source does not use are passed over.</param>
    /// <exception cref="TableException">The file cannot be used; the message names the place.</exception>
    public static (Table Table, IReadOnlyList<InputGroup> Tasks) Inputs(
        Table table, SourceDescription source, string task, bool dropMissing, bool allowExtra)
    {
        table.RequireColumn(task);
        string[]? beside = allowExtra ? null : [task, .. source.Targets];
        FeatureEncoder.RequireColumns(source.Schema, table, beside);
        table = WithoutMissing(table, [.. Features(source), task], dropMissing, source.Schema);
        Rows inputs = Encode(source, table, beside);
        return (table, [.. Group(table, task).Select(group => new InputGroup(group, inputs.Select(group.Rows)))]);
    }

    private static IEnumerable<string> Features(SourceDescription source) => source.Schema.Columns.Select(column => column.Name);

    private static Rows Encode(SourceDescription source, Table table, string[]? beside)
    {
        EncodedFeatures inputs = FeatureEncoder.Encode(source.Schema, table, beside);
        return new Rows(inputs.Rows, inputs.Width, inputs.Values);
    }

    private static Rows Column(Table table, string name) => new(table.RowCount, 1, table.Numbers(name));

    private static IReadOnlyList<TaskGroup> Group(Table table, string task) => TaskGroup.Group(table.TaskIds(task));

    private static Table WithoutMissing(Table table, IReadOnlyCollection<string> columns, bool drop, InputSchema? schema)
    {
        if (drop)
        {
            return table.DropMissing(columns, schema);
        }

        table.RefuseMissing(columns, schema);
        return table;
    }
}
