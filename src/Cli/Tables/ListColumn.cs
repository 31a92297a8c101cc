namespace AdaptCluster.Cli.Tables;

/// <summary>A column of equally long lists of numbers.</summary>
/// <param name="name">The column's name.</param>
/// <param name="length">How many numbers a list has.</param>
/// <param name="values">The numbers of all lists of the file, one list after the other; not copied.</param>
/// <param name="missing">Which of the file's lists are missing; null when none is.</param>
/// <param name="rows">The file's row of each row here.</param>
internal sealed class ListColumn(string name, int length, double[] values, bool[]? missing, int[] rows) : TensorColumn(name, length, rows.Length)
{
    /// <inheritdoc/>
    public override bool IsMissing(int row) => missing is not null && missing[rows[row]];

    /// <inheritdoc/>
    public override void CopyTo(int row, Span<double> destination) => values.AsSpan(rows[row] * Length, Length).CopyTo(destination);

    /// <inheritdoc/>
    public override ListColumn Take(int[] taken) => new(Name, Length, values, missing, Array.ConvertAll(taken, row => rows[row]));
}
