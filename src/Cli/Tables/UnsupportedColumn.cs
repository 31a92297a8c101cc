namespace AdaptCluster.Cli.Tables;

/// <summary>A column of a type that is not read. It may stand in a file; using it is the error.</summary>
/// <param name="name">The column's name.</param>
/// <param name="type">What it holds, for the message, such as <c>a list</c>.</param>
/// <param name="rowCount">The table's number of rows.</param>
internal sealed class UnsupportedColumn(string name, string type, int rowCount) : TableColumn(name, ColumnKind.Unsupported, rowCount)
{
    /// <summary>What it holds, for the message.</summary>
    public string Type { get; } = type;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => false;

    /// <inheritdoc/>
    public override string Text(int row) => "";

    /// <inheritdoc/>
    public override UnsupportedColumn Take(int[] rows) => new(Name, Type, rows.Length);
}
