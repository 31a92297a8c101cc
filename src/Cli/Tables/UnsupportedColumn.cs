namespace AdaptCluster.Cli.Tables;

/// <summary>A column that is not read. It may stand in a file; using it is the error.</summary>
/// <param name="name">The column's name.</param>
/// <param name="problem">What is wrong with it, for the message, such as <c>the column is a list of texts</c>.</param>
/// <param name="rowCount">The table's number of rows.</param>
/// <param name="remedy">What to do.</param>
/// <param name="place">Where, when it is one row that makes it so.</param>
internal sealed class UnsupportedColumn(
    string name, string problem, int rowCount, string remedy = "use columns of numbers or text", string? place = null)
    : TableColumn(name, ColumnKind.Unsupported, rowCount)
{
    /// <summary>The error that its use is.</summary>
    public TableException Error(string source) => new(source, problem, remedy, place, Name);

    /// <inheritdoc/>
    public override bool IsMissing(int row) => false;

    /// <inheritdoc/>
    public override string Text(int row) => "";

    /// <inheritdoc/>
    public override UnsupportedColumn Take(int[] rows) => new(Name, problem, rows.Length, remedy, place);
}
