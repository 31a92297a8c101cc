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
    /// <param name="groups">
    /// Optional, length d: the columns of one group, whatever its number, get one mean and one scale, those of all their values together
    /// (the pixels of an image). A negative number leaves its column as it is, with mean 0 and scale 1 (one-hot columns, indices).
    /// Default: every column is a group of its own.
    /// </param>
    public static Standardisation Fit(RowMatrix x, ReadOnlySpan<int> groups = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rows == 0)
        {
            throw new ArgumentException("A standardisation cannot be fitted to no rows.", nameof(x));
        }

        if (!groups.IsEmpty && groups.Length != x.Columns)
        {
            throw new ArgumentException($"There are {x.Columns} columns but {groups.Length} groups.", nameof(groups));
        }

        double[] mean = ColumnMeans(x);
        double[] variance = ColumnVariances(x, mean);
        foreach (IGrouping<int, int> group in groups.ToArray().Select((number, column) => (number, column)).GroupBy(c => c.number, c => c.column))
        {
            Pool(mean, variance, [.. group], isLeft: group.Key < 0);
        }

        return new Standardisation([.. mean], [.. variance.Select((v, j) => Scaled(v, mean[j]))]);
    }

    /// <summary>From the data's units to standardised ones. Returns a new matrix, [n, d].</summary>
    public RowMatrix Apply(RowMatrix matrix)
    {
        var values = new double[Checked(matrix).Values.Length];
        Apply(matrix, 0, values);
        return new RowMatrix(matrix.Rows, Width, values);
    }

    /// <summary>The same of some rows, into memory that is there.</summary>
    /// <param name="matrix">[n, d].</param>
    /// <param name="start">The first row.</param>
    /// <param name="target">As many rows as it holds, row-major.</param>
    internal void Apply(RowMatrix matrix, int start, Span<double> target)
    {
        ReadOnlySpan<double> mean = Mean.AsSpan();
        ReadOnlySpan<double> scale = Scale.AsSpan();
        int rows = Width == 0 ? 0 : target.Length / Width;
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<double> row = matrix.Row(start + i);
            Span<double> to = target.Slice(i * Width, Width);
            for (int j = 0; j < row.Length; j++)
            {
                to[j] = (row[j] - mean[j]) / scale[j];
            }
        }
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

    private static double[] ColumnVariances(RowMatrix x, double[] mean)
    {
        var variance = new double[x.Columns];
        for (int i = 0; i < x.Rows; i++)
        {
            ReadOnlySpan<double> row = x.Row(i);
            for (int j = 0; j < variance.Length; j++)
            {
                variance[j] += (row[j] - mean[j]) * (row[j] - mean[j]) / x.Rows;
            }
        }

        return variance;
    }

    /// <summary>Gives columns the moments of all their values together, or the ones that change nothing.</summary>
    private static void Pool(double[] mean, double[] variance, int[] columns, bool isLeft)
    {
        double common = isLeft ? 0 : columns.Sum(j => mean[j]) / columns.Length;
        double spread = isLeft ? 1 : columns.Sum(j => variance[j] + ((mean[j] - common) * (mean[j] - common))) / columns.Length;
        foreach (int j in columns)
        {
            mean[j] = common;
            variance[j] = spread;
        }
    }

    /// <summary>The scale of a variance. The mean of equal values is rounded: a spread below that rounding is no spread.</summary>
    private static double Scaled(double variance, double mean)
    {
        double deviation = Math.Sqrt(variance);
        return deviation > 1e-12 * Math.Abs(mean) && double.IsFinite(deviation) ? deviation : 1;
    }
}
