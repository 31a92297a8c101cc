using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Tables;

/// <summary>Finds the input schema of a source in its training data.</summary>
internal static class FeatureSchema
{
    /// <summary>The largest vocabulary that is one-hot encoded.</summary>
    public const int MaxCategories = 256;

    /// <summary>The largest vocabulary whose values become indices.</summary>
    public const int MaxIndices = 100_000;

    /// <summary>
    /// A schema of these columns, in this order: numeric columns stay numbers, columns of lists stay lists, text columns become
    /// categories with the values that are there, in ordinal order. Constant columns are allowed.
    /// </summary>
    /// <exception cref="TableException">
    /// No features, a column that is not there or named twice, a timestamp, a missing value, text or a value that is not
    /// finite in a numeric column, or more than <see cref="MaxCategories"/> categories.
    /// </exception>
    public static InputSchema Infer(Table table, IReadOnlyList<string> features)
    {
        if (features.Count == 0)
        {
            throw new TableException(
                table.Source, "there are no feature columns", "add columns beside the task and the target, or name them with --features");
        }

        if (features.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new TableException(table.Source, "the feature is named twice", "name it once in --features", column: twice.Key);
        }

        return Complete(table, new InputSchema([.. features.Select(name => new InputColumn(name, []))]));
    }

    /// <summary>The schema with what only the file says: vocabularies of text columns and lengths of lists that it leaves open.</summary>
    /// <exception cref="TableException">As <see cref="Infer"/>.</exception>
    public static InputSchema Complete(Table table, InputSchema schema) =>
        new([.. schema.Columns.Select(column => Complete(table, column))]);

    private static InputColumn Complete(Table table, InputColumn column)
    {
        if (column.IsCategorical || column.Length > 0)
        {
            return column;
        }

        switch (table.RequireColumn(column.Name))
        {
            case TensorColumn tensor:
                return column with { Length = tensor.Length };
            case TextColumn:
                return column with { Categories = Vocabulary(table, column.Name, column.IsIndex ? MaxIndices : MaxCategories) };
            default:
                table.Numbers(column.Name);
                return column;
        }
    }

    private static ImmutableArray<string> Vocabulary(Table table, string name, int most)
    {
        var categories = new SortedSet<string>(table.Texts(name), StringComparer.Ordinal);
        if (categories.Count > most)
        {
            throw new TableException(
                table.Source,
                $"the text column has {categories.Count} distinct values, more than the {most} that can be encoded",
                "leave it out with --features, or group its values",
                column: name);
        }

        return [.. categories];
    }
}
