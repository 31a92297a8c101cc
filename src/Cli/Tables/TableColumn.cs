namespace AdaptCluster.Cli.Tables;

/// <summary>One column of a <see cref="Table"/>, held whole in memory. Immutable; safe to read from many threads.</summary>
internal abstract class TableColumn(string name, ColumnKind kind, int rowCount)
{
    /// <summary>The name as the file has it.</summary>
    public string Name { get; } = name;

    /// <summary>What the column was found to hold.</summary>
    public ColumnKind Kind { get; } = kind;

    /// <summary>The number of rows, missing values included.</summary>
    public int RowCount { get; } = rowCount;

    /// <summary>Whether the value is missing, by the rules of the column's own kind. A NaN is not missing.</summary>
    public abstract bool IsMissing(int row);

    /// <summary>The value as text: a CSV file's own characters, or an invariant form; empty when there is none.</summary>
    public abstract string Text(int row);

    /// <summary>The column with only these rows, in this order.</summary>
    public abstract TableColumn Take(int[] rows);
}
