using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Tables;

/// <summary>Turns a table into network inputs by a source's schema: numbers as they are, categories one-hot or as indices.</summary>
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
        var encoded = new RowBuffer(table, schema.Width);
        int offset = 0;
        foreach (InputColumn column in schema.Columns)
        {
            Encode(column, table, encoded, offset);
            offset += column.Width;
        }

        return encoded.ToFeatures();
    }

    private static void Encode(InputColumn column, Table table, RowBuffer encoded, int offset)
    {
        if (column.IsCategorical)
        {
            EncodeCategories(column, table, encoded, offset);
        }
        else if (column.IsTensor || table.RequireColumn(column.Name) is TensorColumn)
        {
            encoded.Add(table.Tensors(column.Name, column.Width), offset);
        }
        else
        {
            encoded.Add(table.Numbers(column.Name), offset);
        }

        if (column.IsIndex && !column.IsCategorical)
        {
            RequireIndices(column, table, encoded, offset);
        }
    }

    private static void EncodeCategories(InputColumn column, Table table, RowBuffer encoded, int offset)
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

            Span<double> target = encoded[row];
            if (column.IsIndex)
            {
                target[offset] = position;
            }
            else
            {
                target[offset + position] = 1;
            }
        }
    }

    private static void RequireIndices(InputColumn column, Table table, RowBuffer encoded, int offset)
    {
        for (int row = 0; row < table.RowCount; row++)
        {
            foreach (double value in encoded[row].Slice(offset, column.Width))
            {
                if (value < 0 || !double.IsInteger(value))
                {
                    throw new TableException(
                        table.Source, $"{value} is no index", "give whole numbers from 0", table.Place(row), column.Name);
                }
            }
        }
    }

    private static string Columns(string[] names) => $"{(names.Length == 1 ? "column" : "columns")} {Quote.Some(names, 20)}";
}
