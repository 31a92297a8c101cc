namespace AdaptCluster.Numerics.Data;

/// <summary>A dense matrix of doubles in managed memory, row-major. The array is shared, not copied: do not change it after handing it over.</summary>
public sealed class RowMatrix
{
    /// <summary>Wraps <paramref name="values"/>, whose element (r, c) is at <c>r * columns + c</c>.</summary>
    /// <exception cref="ArgumentException">The array's length is not rows x columns, or a size is negative.</exception>
    public RowMatrix(int rows, int columns, double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if (values.Length != (long)rows * columns)
        {
            throw new ArgumentException($"A {rows} x {columns} matrix needs {(long)rows * columns} values, but there are {values.Length}.", nameof(values));
        }

        Rows = rows;
        Columns = columns;
        Values = values;
    }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>The elements, row-major, length Rows x Columns. Shared.</summary>
    public double[] Values { get; }

    /// <summary>Whether no element is infinite or not a number.</summary>
    public bool AllFinite => FirstNonFiniteRow() < 0;

    /// <summary>The element in row <paramref name="row"/> and column <paramref name="column"/>.</summary>
    public double this[int row, int column] => Row(row)[column];

    /// <summary>Row <paramref name="row"/>, length Columns; a view.</summary>
    public ReadOnlySpan<double> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return Values.AsSpan(row * Columns, Columns);
    }

    /// <summary>A copy of <paramref name="count"/> rows from <paramref name="start"/> on; the matrix itself when that is all of it.</summary>
    public RowMatrix Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Rows - count);
        return count == Rows ? this : new RowMatrix(count, Columns, Values.AsSpan(start * Columns, count * Columns).ToArray());
    }

    /// <summary>A copy of the named rows, in that order; a row may be named more than once.</summary>
    public RowMatrix SelectRows(ReadOnlySpan<int> rows)
    {
        var values = new double[rows.Length * Columns];
        for (int i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * Columns, Columns));
        }

        return new RowMatrix(rows.Length, Columns, values);
    }

    /// <summary>The first row that holds an infinity or a NaN, or -1.</summary>
    public int FirstNonFiniteRow()
    {
        for (int i = 0; i < Values.Length; i++)
        {
            if (!double.IsFinite(Values[i]))
            {
                return i / Columns;
            }
        }

        return -1;
    }
}
