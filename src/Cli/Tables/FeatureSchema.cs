using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Tables;

/// <summary>Finds the input schema of a source in its training data.</summary>
internal static class FeatureSchema
{
    /// <summary>The largest vocabulary that is one-hot encoded.</summary>
    public const int MaxCategories = 256;

    /// <summary>
    /// A schema of these columns, in this order: numeric columns stay numbers, text columns become categories with the
    /// values that are there, in ordinal order. Constant columns are allowed.
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

        return new InputSchema([.. features.Select(name => new InputColumn(name, Categories(table, name)))]);
    }

    private static ImmutableArray<string> Categories(Table table, string name)
    {
        if (table.RequireColumn(name).Kind != ColumnKind.Text)
        {
            table.Numbers(name);
            return [];
        }

        var categories = new SortedSet<string>(table.Texts(name), StringComparer.Ordinal);
        if (categories.Count > MaxCategories)
        {
            throw new TableException(
                table.Source,
                $"the text column has {categories.Count} distinct values, more than the {MaxCategories} that can be encoded",
                "leave it out with --features, or group its values",
                column: name);
        }

        return [.. categories];
    }
}
