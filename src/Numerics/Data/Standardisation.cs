using System.Collections.Immutable;

namespace AdaptCluster.Numerics.Data;

/// <summary>
/// A column-wise affine map to zero mean and unit scale: standardised = (value - mean) / scale. Equality is by content.
/// </summary>
/// <param name="Mean">The mean of each column, in the column's unit.</param>
/// <param name="Scale">The scale of each column (population standard deviation), in the column's unit; positive.</param>
public sealed record Standardisation(ImmutableArray<double> Mean, ImmutableArray<double> Scale)
{
    /// <summary>The number of columns.</summary>
    public int Width => Mean.Length;

    /// <summary>The map that changes nothing.</summary>
    public static Standardisation Identity(int width) =>
        new([.. Enumerable.Repeat(0.0, width)], [.. Enumerable.Repeat(1.0, width)]);

    /// <summary>
    /// The map that gives every column of <paramref name="x"/> mean 0 and variance 1. A constant column keeps scale 1.
    /// </summary>
    /// <param name="x">The rows, [n, d], n at least 1, finite.</param>
    /// <param name="standardise">Optional, length d: columns marked false (one-hot columns) keep mean 0 and scale 1.</param>
    public static Standardisation Fit(RowMatrix x, ReadOnlySpan<bool> standardise = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rows == 0)
        {
            throw new ArgumentException("A standardisation cannot be fitted to no rows.", nameof(x));
        }

        if (!standardise.IsEmpty && standardise.Length != x.Columns)
        {
            throw new ArgumentException($"There are {x.Columns} columns but {standardise.Length} marks.", nameof(standardise));
        }

        double[] mean = ColumnMeans(x);
        double[] scale = ColumnScales(x, mean);
        for (int j = 0; j < standardise.Length; j++)
        {
            if (!standardise[j])
            {
                mean[j] = 0;
                scale[j] = 1;
            }
        }

        return new Standardisation([.. mean], [.. scale]);
    }

    /// <summary>From the data's units to standardised ones. Returns a new matrix, [n, d].</summary>
    public RowMatrix Apply(RowMatrix matrix)
    {
        var values = new double[Checked(matrix).Values.Length];
        ReadOnlySpan<double> mean = Mean.AsSpan();
        ReadOnlySpan<double> scale = Scale.AsSpan();
        for (int i = 0; i < matrix.Rows; i++)
        {
            ReadOnlySpan<double> row = matrix.Row(i);
            Span<double> target = values.AsSpan(i * Width, Width);
            for (int j = 0; j < row.Length; j++)
            {
                target[j] = (row[j] - mean[j]) / scale[j];
            }
        }

        return new RowMatrix(matrix.Rows, Width, values);
    }

    /// <summary>From standardised units to the data's. Returns a new matrix, [n, d].</summary>
    public RowMatrix Invert(RowMatrix matrix)
    {
        var values = new double[Checked(matrix).Values.Length];
        for (int i = 0; i < matrix.Rows; i++)
        {
            ReadOnlySpan<double> row = matrix.Row(i);
            for (int j = 0; j < Width; j++)
            {
                values[(i * Width) + j] = (row[j] * Scale[j]) + Mean[j];
            }
        }

        return new RowMatrix(matrix.Rows, Width, values);
    }

    /// <inheritdoc/>
    public bool Equals(Standardisation? other) =>
        other is not null && Mean.AsSpan().SequenceEqual(other.Mean.AsSpan()) && Scale.AsSpan().SequenceEqual(other.Scale.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Width, Width == 0 ? 0 : Mean[0], Width == 0 ? 0 : Scale[^1]);

    /// <summary>Throws unless the map has <paramref name="width"/> finite means and positive finite scales.</summary>
    internal void Validate(int width, string what)
    {
        if (Mean.IsDefault || Scale.IsDefault || Mean.Length != width || Scale.Length != width)
        {
            throw new ArgumentException($"The {what} standardisation must have {width} means and scales.");
        }

        if (Mean.Any(m => !double.IsFinite(m)) || Scale.Any(s => !double.IsFinite(s) || s <= 0))
        {
            throw new ArgumentException($"The {what} standardisation needs finite means and positive finite scales.");
        }
    }

    private RowMatrix Checked(RowMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return matrix.Columns == Width
            ? matrix
            : throw new ArgumentException($"The matrix has {matrix.Columns} columns, but {Width} are expected.", nameof(matrix));
    }

    private static double[] ColumnMeans(RowMatrix x)
    {
        var mean = new double[x.Columns];
        for (int i = 0; i < x.Rows; i++)
        {
            ReadOnlySpan<double> row = x.Row(i);
            for (int j = 0; j < mean.Length; j++)
            {
                mean[j] += row[j] / x.Rows;
            }
        }

        return mean;
    }

    private static double[] ColumnScales(RowMatrix x, double[] mean)
    {
        var scale = new double[x.Columns];
        for (int i = 0; i < x.Rows; i++)
        {
            ReadOnlySpan<double> row = x.Row(i);
            for (int j = 0; j < scale.Length; j++)
            {
                scale[j] += (row[j] - mean[j]) * (row[j] - mean[j]) / x.Rows;
            }
        }

        for (int j = 0; j < scale.Length; j++)
        {
            // The mean of equal values is rounded: a spread below that rounding is no spread.
            double deviation = Math.Sqrt(scale[j]);
            scale[j] = deviation > 1e-12 * Math.Abs(mean[j]) && double.IsFinite(deviation) ? deviation : 1;
        }

        return scale;
    }
}
