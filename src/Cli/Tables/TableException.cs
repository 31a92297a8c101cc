namespace AdaptCluster.Cli.Tables;

/// <summary>
/// A data file that cannot be used as asked. The message is one line: where (file, line, column), what is wrong, and
/// what to do about it; it is fit to be shown to a person as it stands.
/// </summary>
internal sealed class TableException : Exception
{
    /// <param name="source">The path as the user gave it.</param>
    /// <param name="problem">What is wrong, without a full stop.</param>
    /// <param name="remedy">What to do, in the imperative, without a full stop.</param>
    /// <param name="place">The line or row, such as <c>line 17</c>; null when the whole file is meant.</param>
    /// <param name="column">The column; null when no one column is meant.</param>
    /// <param name="cause">The library's or the system's own error.</param>
    public TableException(string source, string problem, string remedy, string? place = null, string? column = null, Exception? cause = null)
        : base(Compose(source, problem, remedy, place, column), cause)
    {
        File = source;
        Place = place;
        Column = column;
    }

    /// <summary>The path as the user gave it.</summary>
    public string File { get; }

    /// <summary>Such as <c>line 17</c> (CSV, the header is line 1) or <c>row 17</c> (Parquet, the first row is 1).</summary>
    public string? Place { get; }

    /// <summary>The column's name as the file has it.</summary>
    public string? Column { get; }

    private static string Compose(string source, string problem, string remedy, string? place, string? column)
    {
        string at = place is null ? "" : $", {place}";
        string of = column is null ? "" : $", column {Quote.One(column)}";
        return $"{source}{at}{of}: {problem}; {remedy}.";
    }
}
