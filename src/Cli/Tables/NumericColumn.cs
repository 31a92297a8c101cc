using System.Globalization;

namespace AdaptCluster.Cli.Tables;

/// <summary>A column of numbers.</summary>
/// <param name="name">The column's name.</param>
/// <param name="values">The numbers. NaN where the value is missing or is no number; not copied.</param>
/// <param name="missing">Which values are missing; null when none is.</param>
/// <param name="text">The file's own text of a row where it says more than the number does; null otherwise.</param>
internal sealed class NumericColumn(string name, double[] values, bool[]? missing, Func<int, string>? text)
    : TableColumn(name, ColumnKind.Numeric, values.Length)
{
    /// <summary>The numbers; a value that is neither missing nor finite is an error where the column is used as numbers.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => missing is not null && missing[row];

    /// <inheritdoc/>
    public override string Text(int row)
    {
        if (text is not null)
        {
            return text(row);
        }

        return IsMissing(row) ? "" : values[row].ToString("R", CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public override NumericColumn Take(int[] rows) => new(
        Name,
        Array.ConvertAll(rows, row => values[row]),
        missing is null ? null : Array.ConvertAll(rows, row => missing[row]),
        text is null ? null : row => text(rows[row]));
}
