using System.Collections.Immutable;
using AdaptCluster.Cli.Schemas;
using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;
using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Commands;

/// <summary>The rows of a data file, encoded for a source and grouped by task.</summary>
internal static class TaskFile
{
    /// <summary>What training reads: the schema is that of a schema file, completed from the data, or is made from the data.</summary>
    /// <exception cref="TableException">The file cannot be used; the message names the place.</exception>
    public static (InputSchema Schema, ImmutableArray<string> Targets, LabelledRows Rows, IReadOnlyList<TaskGroup> Tasks) ForTraining(
        Table table, TrainingColumns columns, string task, bool dropMissing)
    {
        table.RequireColumn(task);
        ImmutableArray<string> targets = table.Names.Contains(columns.Target) ? [columns.Target] : SourceColumns.Split(columns.Target);
        foreach (string target in targets)
        {
            table.RequireColumn(target);
        }

        IReadOnlyList<string> features = columns.Schema is { } given
            ? [.. given.Columns.Select(column => column.Name)]
            : columns.Features ?? [.. table.Names.Where(name => name != task && !targets.Contains(name))];
        if (features.FirstOrDefault(name => name == task || targets.Contains(name)) is { } misused)
        {
            throw new InvalidInputException(
                columns.Schema is null ? "--features" : "--schema", $"'{misused}' is the task or the target", "name input columns only");
        }

        if (columns.Schema is not null)
        {
            FeatureEncoder.RequireColumns(columns.Schema, table);
        }

        table = WithoutMissing(table, [.. features, task, .. targets], dropMissing, columns.Schema);
        InputSchema schema = columns.Schema is null ? FeatureSchema.Infer(table, features) : FeatureSchema.Complete(table, columns.Schema);
        return (schema, targets, new LabelledRows(Encode(schema, table, null), Columns(table, targets)), Group(table, task));
    }

    /// <summary>Inputs and targets by task, for a source that exists.</summary>
    /// <exception cref="TableException">The file cannot be used; the message names the place.</exception>
    /// <exception cref="InvalidInputException">The source predicts another target.</exception>
    public static (Table Table, IReadOnlyList<LabelledGroup> Tasks) Labelled(
        Table table, SourceDescription source, string target, string task, bool dropMissing)
    {
        ImmutableArray<string> targets = SourceColumns.Targets(source, target);
        table.RequireColumn(task);
        foreach (string name in targets)
        {
            table.RequireColumn(name);
        }

        InputSchema schema = SourceColumns.Schema(source, table, [task, .. targets]);
        FeatureEncoder.RequireColumns(schema, table);
        table = WithoutMissing(table, [.. Features(schema), task, .. targets], dropMissing, schema);
        var rows = new LabelledRows(Encode(schema, table, null), Columns(table, targets));
        return (table, [.. Group(table, task).Select(group => new LabelledGroup(group, rows.Select(group.Rows)))]);
    }

    /// <summary>Inputs by task, for a source that exists.</summary>
    /// <param name="table">The table.</param>
    /// <param name="source">The source.</param>
    /// <param name="task">The column that names the task.</param>
    /// <param name="target">Columns of targets, which are no inputs, separated by commas; null for the source's own names.</param>
    /// <param name="dropMissing">Whether incomplete rows are left out.</param>
    /// <param name="allowExtra">Whether columns that the source does not use are passed over.</param>
    /// <exception cref="TableException">The file cannot be used; the message names the place.</exception>
    public static (Table Table, IReadOnlyList<InputGroup> Tasks) Inputs(
        Table table, SourceDescription source, string task, string? target, bool dropMissing, bool allowExtra)
    {
        table.RequireColumn(task);
        string[] others = [task, .. target is null ? source.Targets : SourceColumns.Targets(source, target)];
        InputSchema schema = SourceColumns.Schema(source, table, others);
        string[]? beside = allowExtra ? null : others;
        FeatureEncoder.RequireColumns(schema, table, beside);
        table = WithoutMissing(table, [.. Features(schema), task], dropMissing, schema);
        Rows inputs = Encode(schema, table, beside);
        return (table, [.. Group(table, task).Select(group => new InputGroup(group, inputs.Select(group.Rows)))]);
    }

    private static IEnumerable<string> Features(InputSchema schema) => schema.Columns.Select(column => column.Name);

    private static Rows Encode(InputSchema schema, Table table, string[]? beside)
    {
        EncodedFeatures inputs = FeatureEncoder.Encode(schema, table, beside);
        return new Rows(inputs.Rows, inputs.Width, inputs.Values);
    }

    private static Rows Columns(Table table, ImmutableArray<string> names)
    {
        double[][] columns = [.. names.Select(table.Numbers)];
        double[] values = new double[table.RowCount * names.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = columns[i % columns.Length][i / columns.Length];
        }

        return new Rows(table.RowCount, names.Length, values);
    }

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
