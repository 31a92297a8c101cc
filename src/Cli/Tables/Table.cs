namespace AdaptCluster.Cli.Tables;

/// <summary>
/// A data file in memory, column by column. Every row knows where it stands in the file, also after rows have been
/// left out. Immutable; safe to read from many threads.
/// </summary>
internal sealed class Table
{
    private readonly Dictionary<string, TableColumn> _columns;
    private readonly int[]? _lines;
    private readonly int[]? _sourceRows;

    /// <param name="source">The path as the user gave it.</param>
    /// <param name="names">Every column of the file, in file order, also those that were not read.</param>
    /// <param name="columns">The columns that were read.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="lines">For a text file the 1-based line on which each of the file's rows starts; null otherwise.</param>
    /// <param name="sourceRows">The file's 0-based row of each row here; null when they are the same.</param>
    public Table(
        string source,
        IReadOnlyList<string> names,
        IEnumerable<TableColumn> columns,
        int rowCount,
        int[]? lines = null,
        int[]? sourceRows = null)
    {
        Source = source;
        Names = names;
        RowCount = rowCount;
        _columns = columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        _lines = lines;
        _sourceRows = sourceRows;
    }

    /// <summary>The path as the user gave it.</summary>
    public string Source { get; }

    /// <summary>Every column of the file, in file order, also those that were not read.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The 0-based row of the file's data (the header not counted) that <paramref name="row"/> came from.</summary>
    public int SourceRow(int row) => _sourceRows is null ? row : _sourceRows[row];

    /// <summary>Where the row stands: <c>line 17</c> of a CSV file (header: 1), <c>row 17</c> of a Parquet file (first: 1).</summary>
    public string Place(int row) => $"{PlaceUnit} {PlaceNumber(row)}";

    /// <summary>What <see cref="PlaceNumber"/> counts: <c>line</c> or <c>row</c>.</summary>
    public string PlaceUnit => _lines is null ? "row" : "line";

    /// <summary>The 1-based line or row of <see cref="Place"/>.</summary>
    public int PlaceNumber(int row) => _lines is null ? SourceRow(row) + 1 : _lines[SourceRow(row)];

    /// <summary>The column, or null when it was not read or is not there.</summary>
    public TableColumn? Find(string name) => _columns.GetValueOrDefault(name);

    /// <summary>The table with another column in the place of the one of its name.</summary>
    public Table With(TableColumn column) => new(
        Source,
        Names,
        [.. _columns.Values.Where(other => other.Name != column.Name), column],
        RowCount,
        _lines,
        _sourceRows);

    /// <summary>The table with only these rows, in this order.</summary>
    public Table Take(int[] rows) => new(
        Source,
        Names,
        _columns.Values.Select(column => column.Take(rows)),
        rows.Length,
        _lines,
        Array.ConvertAll(rows, SourceRow));
}
