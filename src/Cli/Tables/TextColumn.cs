namespace AdaptCluster.Cli.Tables;

/// <summary>A column of text; an empty value is a missing one.</summary>
/// <param name="name">The column's name.</param>
/// <param name="values">One string per row; not copied. Repeated values share one instance.</param>
internal sealed class TextColumn(string name, string[] values) : TableColumn(name, ColumnKind.Text, values.Length)
{
    /// <inheritdoc/>
    public override bool IsMissing(int row) => values[row].Length == 0;

    /// <inheritdoc/>
    public override string Text(int row) => values[row];

    /// <inheritdoc/>
    public override TextColumn Take(int[] rows) => new(Name, Array.ConvertAll(rows, row => values[row]));
}
