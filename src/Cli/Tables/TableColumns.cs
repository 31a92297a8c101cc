namespace AdaptCluster.Cli.Tables;

/// <summary>Columns as the commands use them: each call either returns clean values or says what is wrong, and where.</summary>
internal static class TableColumns
{
    private const string MissingRemedy = "fill it in, or pass --drop-missing to leave such rows out";

    /// <summary>The column of that name.</summary>
    /// <exception cref="TableException">The file lacks it, or it is of a type that is not read.</exception>
    /// <exception cref="InvalidOperationException">The file has it, but reading was restricted to other columns.</exception>
    public static TableColumn RequireColumn(this Table table, string name)
    {
        if (table.Find(name) is not { } column)
        {
            if (table.Names.Contains(name, StringComparer.Ordinal))
            {
                throw new InvalidOperationException($"The column '{name}' is in {table.Source} but was not read.");
            }

            string hint = NearestName.Of(name, table.Names) is { } nearest ? $"did you mean {Quote.One(nearest)}?" : "check the name.";
            throw new TableException(
                table.Source, $"there is no column {Quote.One(name)}", $"{hint} The columns are {Quote.Some(table.Names, 20)}");
        }

        if (column is UnsupportedColumn unsupported)
        {
            throw unsupported.Error(table.Source);
        }

        return column;
    }

    /// <summary>The column as finite numbers.</summary>
    /// <exception cref="TableException">The first value that is text, NaN, infinite or missing.</exception>
    public static double[] Numbers(this Table table, string name) => table.RequireColumn(name) switch
    {
        NumericColumn numeric => Finite(table, numeric),
        TextColumn text => Parsed(table, text),
        TensorColumn tensor => throw NotOne(table, tensor),
        _ => throw new TableException(
            table.Source, "this is a timestamp, not a number", "derive numeric columns from it (hour, weekday, day)", column: name),
    };

    /// <summary>The column as numbers, NaN where the cell is empty.</summary>
    /// <exception cref="TableException">The first value that is text, NaN or infinite.</exception>
    public static double[] NumbersOrMissing(this Table table, string name)
    {
        TableColumn column = table.RequireColumn(name);
        int[] there = [.. Enumerable.Range(0, table.RowCount).Where(row => !IsEmpty(column, row))];
        double[] values = new double[table.RowCount];
        Array.Fill(values, double.NaN);
        if (there.Length > 0)
        {
            double[] numbers = table.Take(there).Numbers(name);
            for (int i = 0; i < there.Length; i++)
            {
                values[there[i]] = numbers[i];
            }
        }

        return values;
    }

    /// <summary>The column as text: a CSV file's own characters; numbers of a Parquet file in invariant form.</summary>
    /// <exception cref="TableException">The first empty value.</exception>
    public static string[] Texts(this Table table, string name)
    {
        TableColumn column = table.RequireSingle(name);
        var pool = new StringPool();
        var texts = new string[table.RowCount];
        for (int row = 0; row < texts.Length; row++)
        {
            texts[row] = pool.Get(column.Text(row));
            if (texts[row].Length == 0)
            {
                throw Missing(table, row, name);
            }
        }

        return texts;
    }

    /// <summary>The column as names of tasks: text, or whole numbers without decimals (7.0 is task 7, 007 stays 007).</summary>
    /// <exception cref="TableException">The first value that is empty or a number that is not whole.</exception>
    public static string[] TaskIds(this Table table, string name)
    {
        TableColumn column = table.RequireSingle(name);
        var pool = new StringPool();
        var ids = new string[table.RowCount];
        for (int row = 0; row < ids.Length; row++)
        {
            if (column.IsMissing(row))
            {
                throw Missing(table, row, name);
            }

            ids[row] = pool.Get(column is NumericColumn numeric ? TaskId(table, numeric, row) : column.Text(row));
        }

        return ids;
    }

    /// <summary>The column as dates and times, as the file's clock showed them.</summary>
    /// <exception cref="TableException">The column is no timestamp, or the first missing value.</exception>
    public static DateTime[] Timestamps(this Table table, string name)
    {
        if (table.RequireColumn(name) is not TimestampColumn column)
        {
            throw new TableException(
                table.Source, "this is not a timestamp", "name a timestamp column of a Parquet file", column: name);
        }

        for (int row = 0; row < table.RowCount; row++)
        {
            if (column.IsMissing(row))
            {
                throw Missing(table, row, name);
            }
        }

        return column.Values.ToArray();
    }

    /// <summary>The column as lists of <paramref name="length"/> finite numbers.</summary>
    /// <exception cref="TableException">It has none, or of another length; or the first that is missing or not finite.</exception>
    public static TensorColumn Tensors(this Table table, string name, int length)
    {
        TableColumn column = table.RequireColumn(name);
        if ((column as TensorColumn)?.WithLength(length) is not { } tensor)
        {
            string has = column is TensorColumn other ? $"lists of {other.Length} numbers" : "single values";
            throw new TableException(
                table.Source, $"the column holds {has}, but the source reads {length} numbers here", "give lists of that length", column: name);
        }

        double[] values = new double[length];
        for (int row = 0; row < table.RowCount; row++)
        {
            if (tensor.IsMissing(row))
            {
                throw Missing(table, row, name);
            }

            tensor.CopyTo(row, values);
            int bad = Array.FindIndex(values, value => !double.IsFinite(value));
            if (bad >= 0)
            {
                throw new TableException(
                    table.Source, $"number {bad + 1} of the list is {values[bad]}", "correct the value or remove the row", table.Place(row), name);
            }
        }

        return tensor;
    }

    private static bool IsEmpty(TableColumn column, int row) =>
        column.IsMissing(row) || (column is TextColumn && NumberText.IsMissing(column.Text(row)));

    private static TableColumn RequireSingle(this Table table, string name) =>
        table.RequireColumn(name) is TensorColumn tensor ? throw NotOne(table, tensor) : table.RequireColumn(name);

    private static TableException NotOne(Table table, TensorColumn column) => new(
        table.Source, $"the column holds lists of {column.Length} numbers", "name a column of single values", column: column.Name);

    private static double[] Finite(Table table, NumericColumn column)
    {
        double[] values = column.Values.ToArray();
        for (int row = 0; row < values.Length; row++)
        {
            if (!double.IsFinite(values[row]))
            {
                throw column.IsMissing(row) ? Missing(table, row, column.Name) : NotNumber(table, column, row);
            }
        }

        return values;
    }

    private static double[] Parsed(Table table, TextColumn column)
    {
        var values = new double[table.RowCount];
        int firstMissing = -1;
        for (int row = 0; row < values.Length; row++)
        {
            string text = column.Text(row);
            if (NumberText.TryParse(text, out values[row]) && double.IsFinite(values[row]))
            {
                continue;
            }

            if (!NumberText.IsMissing(text))
            {
                throw NotNumber(table, column, row);
            }

            firstMissing = firstMissing < 0 ? row : firstMissing;
        }

        return firstMissing < 0 ? values : throw Missing(table, firstMissing, column.Name);
    }

    private static string TaskId(Table table, NumericColumn column, int row)
    {
        string text = column.Text(row);
        double value = column.Values[row];
        bool isDigits = text.AsSpan(text.StartsWith('-') ? 1 : 0).IndexOfAnyExceptInRange('0', '9') < 0;
        if (isDigits || !NumberText.TryParse(text, out _))
        {
            return text;
        }

        if (!double.IsInteger(value) || Math.Abs(value) >= 1L << 53)
        {
            throw new TableException(
                table.Source, $"{Quote.One(text)} cannot name a task", "use text or whole numbers", table.Place(row), column.Name);
        }

        return ((long)value).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static TableException NotNumber(Table table, TableColumn column, int row)
    {
        string text = column.Text(row);
        string problem = NumberText.TryParse(text, out _) ? $"{Quote.One(text)} is not a finite number" : $"{Quote.One(text)} is not a number";
        return new TableException(table.Source, problem, "correct the value or remove the row", table.Place(row), column.Name);
    }

    private static TableException Missing(Table table, int row, string column) =>
        new(table.Source, "the value is missing", MissingRemedy, table.Place(row), column);
}
