using System.Globalization;

namespace AdaptCluster.Cli.Tables;

/// <summary>A column of any numeric type, as doubles; integers that a double cannot hold keep their digits as text.</summary>
internal sealed class ParquetNumbers<T>(string name, int rowCount, bool nullable, Func<T, double> convert) : ParquetValues<T>(rowCount, nullable)
    where T : struct, IEquatable<T>, IComparable<T>
{
    private const double LargestExactInteger = 1L << 53;

    private readonly double[] _values = new double[rowCount];
    private Dictionary<int, string>? _exact;

    /// <inheritdoc/>
    public override TableColumn ToColumn() => new NumericColumn(name, _values, Missing, _exact is null ? null : Text);

    /// <inheritdoc/>
    protected override void Set(int row, T value)
    {
        double number = convert(value);
        _values[row] = number;
        if (Math.Abs(number) >= LargestExactInteger && value is long or ulong)
        {
            (_exact ??= [])[row] = string.Create(CultureInfo.InvariantCulture, $"{value}");
        }
    }

    /// <inheritdoc/>
    protected override void SetMissing(int row) => _values[row] = double.NaN;

    private string Text(int row)
    {
        if (Missing is not null && Missing[row])
        {
            return "";
        }

        return _exact!.TryGetValue(row, out string? digits) ? digits : _values[row].ToString("R", CultureInfo.InvariantCulture);
    }
}
