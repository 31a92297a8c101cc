namespace AdaptCluster.Client.Data;

/// <summary>Rows of numbers: inputs encoded by a source's schema, or targets, in the data's own units.</summary>
public sealed class Rows
{
    /// <summary>Wraps a row-major array, which is not copied.</summary>
    /// <param name="count">How many rows.</param>
    /// <param name="width">How many numbers a row has.</param>
    /// <param name="values">The numbers, row by row: <paramref name="count"/> times <paramref name="width"/> of them.</param>
    /// <exception cref="ArgumentException">The array has another length.</exception>
    public Rows(int count, int width, double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if ((long)count * width != values.Length)
        {
            throw new ArgumentException($"{values.Length} numbers do not make {count} rows of {width}.", nameof(values));
        }

        Count = count;
        Width = width;
        Values = values;
    }

    /// <summary>How many rows.</summary>
    public int Count { get; }

    /// <summary>How many numbers a row has.</summary>
    public int Width { get; }

    /// <summary>The numbers, row by row.</summary>
    public double[] Values { get; }

    /// <summary>One row.</summary>
    public ReadOnlySpan<double> this[int row] => Values.AsSpan(row * Width, Width);

    /// <summary>A copy of some rows, in the order given.</summary>
    public Rows Select(ReadOnlySpan<int> rows)
    {
        double[] values = new double[rows.Length * Width];
        for (int i = 0; i < rows.Length; i++)
        {
            this[rows[i]].CopyTo(values.AsSpan(i * Width, Width));
        }

        return new Rows(rows.Length, Width, values);
    }

    /// <summary>A copy of consecutive rows.</summary>
    public Rows Slice(int start, int count) => new(count, Width, Values.AsSpan(start * Width, count * Width).ToArray());
}
