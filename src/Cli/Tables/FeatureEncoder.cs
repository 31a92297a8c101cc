using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Tables;

/// <summary>Turns a table into network inputs by a source's schema: numbers as they are, categories one-hot.</summary>
internal static class FeatureEncoder
{
    private const int ShownCategories = 5;

    /// <summary>Checks that the file has the schema's columns.</summary>
    /// <param name="schema">The source's schema.</param>
    /// <param name="table">The table; reading may have been restricted, the file's own header is what counts.</param>
    /// <param name="onlyBeside">
    /// When not null, the only columns that may stand beside the features (task, target): any other is an error, since
    /// a column that is silently ignored is a column somebody believes to be used.
    /// </param>
    /// <exception cref="TableException">Names all missing columns, or all that are too many.</exception>
    public static void RequireColumns(InputSchema schema, Table table, IReadOnlyCollection<string>? onlyBeside = null)
    {
        string[] features = [.. schema.Columns.Select(column => column.Name)];
        string[] missing = [.. features.Except(table.Names, StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            throw new TableException(
                table.Source,
                $"missing {Columns(missing)}",
                $"add what the source was trained on: {Quote.Some(features, 20)}");
        }

        if (onlyBeside is null)
        {
            return;
        }

        string[] extra = [.. table.Names.Except(features, StringComparer.Ordinal).Except(onlyBeside, StringComparer.Ordinal)];
        if (extra.Length > 0)
        {
            string it = extra.Length == 1 ? "it" : "them";
            throw new TableException(
                table.Source,
                $"the source does not use {Columns(extra)}",
                $"remove {it} from the file, or pass over {it} with --ignore-extra");
        }
    }

    /// <summary>Encodes every row.</summary>
    /// <inheritdoc cref="RequireColumns" path="/param"/>
    /// <exception cref="TableException">
    /// As <see cref="RequireColumns"/>; or the first value that is missing, no finite number in a numeric column, or
    /// outside the vocabulary of a categorical one.
    /// </exception>
    public static EncodedFeatures Encode(InputSchema schema, Table table, IReadOnlyCollection<string>? onlyBeside = null)
    {
        RequireColumns(schema, table, onlyBeside);
        int width = schema.Width;
        var values = new double[checked(table.RowCount * width)];
        int offset = 0;
        foreach (InputColumn column in schema.Columns)
        {
            if (!column.IsCategorical)
            {
                double[] numbers = table.Numbers(column.Name);
                for (int row = 0; row < numbers.Length; row++)
                {
                    values[(row * width) + offset] = numbers[row];
                }
            }
            else
            {
                SetOneHot(values, width, offset, column, table);
            }

            offset += column.Width;
        }

        return new EncodedFeatures(values, table.RowCount, width);
    }

    private static void SetOneHot(double[] values, int width, int offset, InputColumn column, Table table)
    {
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string category in column.Categories)
        {
            positions.Add(category, positions.Count);
        }

        string[] texts = table.Texts(column.Name);
        for (int row = 0; row < texts.Length; row++)
        {
            if (!positions.TryGetValue(texts[row], out int position))
            {
                throw new TableException(
                    table.Source,
                    $"{Quote.One(texts[row])} was not there when the source was trained (known: {Quote.Some(column.Categories, ShownCategories)})",
                    "use a known value, or train the source again with this one",
                    table.Place(row),
                    column.Name);
            }

            values[(row * width) + offset + position] = 1;
        }
    }

    private static string Columns(string[] names) => $"{(names.Length == 1 ? "column" : "columns")} {Quote.Some(names, 20)}";
}
