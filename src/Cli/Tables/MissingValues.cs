using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Cli.Tables;

/// <summary>Rows with missing values: refused with their line numbers, or left out when the user asked for that.</summary>
internal static class MissingValues
{
    private const int LinesShown = 8;

    /// <summary>The table without the rows that lack a value in one of the columns; the same instance when none does.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns that will be used.</param>
    /// <param name="schema">The source's schema where there is one: it says which columns are read as text, where NA is a value.</param>
    /// <exception cref="TableException">A column is not there, or no row is complete.</exception>
    public static Table DropMissing(this Table table, IReadOnlyCollection<string> columns, InputSchema? schema = null)
    {
        List<int> incomplete = Incomplete(table, columns, schema, out _);
        if (incomplete.Count == 0)
        {
            return table;
        }

        if (incomplete.Count == table.RowCount)
        {
            throw new TableException(
                table.Source, $"every row has a missing value in {Quote.Some(columns, 5)}", "fill them in, or use other columns");
        }

        var dropped = incomplete.ToHashSet();
        return table.Take([.. Enumerable.Range(0, table.RowCount).Where(row => !dropped.Contains(row))]);
    }

    /// <summary>Does nothing when every row has a value in each of the columns.</summary>
    /// <inheritdoc cref="DropMissing" path="/param"/>
    /// <exception cref="TableException">A column is not there, or rows are incomplete: the message has their lines.</exception>
    public static void RefuseMissing(this Table table, IReadOnlyCollection<string> columns, InputSchema? schema = null)
    {
        List<int> incomplete = Incomplete(table, columns, schema, out string? firstColumn);
        if (incomplete.Count == 0)
        {
            return;
        }

        if (incomplete.Count == 1)
        {
            throw new TableException(
                table.Source,
                "the value is missing",
                "fill it in, or pass --drop-missing to leave such rows out",
                table.Place(incomplete[0]),
                firstColumn);
        }

        string lines = string.Join(", ", incomplete.Take(LinesShown).Select(table.PlaceNumber));
        string more = incomplete.Count > LinesShown ? $" and {incomplete.Count - LinesShown} more" : "";
        throw new TableException(
            table.Source,
            $"{incomplete.Count} rows have missing values, the first in column {Quote.One(firstColumn!)}",
            "fill them in, or pass --drop-missing to leave them out",
            $"{table.PlaceUnit}s {lines}{more}");
    }

    private static List<int> Incomplete(
        Table table, IReadOnlyCollection<string> columns, InputSchema? schema, out string? firstColumn)
    {
        HashSet<string> asText = schema is null
            ? []
            : [.. schema.Columns.Where(column => column.IsCategorical).Select(column => column.Name)];
        TableColumn[] used = [.. columns.Select(name => table.RequireColumn(name))];
        var rows = new List<int>();
        firstColumn = null;
        for (int row = 0; row < table.RowCount; row++)
        {
            foreach (TableColumn column in used)
            {
                if (asText.Contains(column.Name) ? column.Text(row).Length == 0 : column.IsMissing(row))
                {
                    firstColumn ??= column.Name;
                    rows.Add(row);
                    break;
                }
            }
        }

        return rows;
    }
}
