using System.Globalization;

namespace AdaptCluster.Cli.Tables;

/// <summary>A column of dates and times as the file's clock showed them: no zone, no conversion.</summary>
/// <param name="name">The column's name.</param>
/// <param name="values">The times, of unspecified kind; not copied.</param>
/// <param name="missing">Which values are missing; null when none is.</param>
internal sealed class TimestampColumn(string name, DateTime[] values, bool[]? missing)
    : TableColumn(name, ColumnKind.Timestamp, values.Length)
{
    /// <summary>The times; default where missing.</summary>
    public ReadOnlySpan<DateTime> Values => values;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => missing is not null && missing[row];

    /// <inheritdoc/>
    public override string Text(int row) =>
        IsMissing(row) ? "" : values[row].ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override TimestampColumn Take(int[] rows) => new(
        Name,
        Array.ConvertAll(rows, row => values[row]),
        missing is null ? null : Array.ConvertAll(rows, row => missing[row]));
}
