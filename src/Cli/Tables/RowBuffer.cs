namespace AdaptCluster.Cli.Tables;

/// <summary>The inputs of a network for every row of a table, while they are put together column by column.</summary>
internal sealed class RowBuffer
{
    private readonly double[] _values;
    private readonly int _rows;
    private readonly int _width;

    /// <exception cref="TableException">They would be more numbers than an array has.</exception>
    public RowBuffer(Table table, int width)
    {
        if ((long)table.RowCount * width > Array.MaxLength)
        {
            throw new TableException(
                table.Source, $"{table.RowCount} rows of {width} numbers are too many to be held in memory", "give fewer rows at a time");
        }

        _values = new double[table.RowCount * width];
        _rows = table.RowCount;
        _width = width;
    }

    /// <summary>One row.</summary>
    public Span<double> this[int row] => _values.AsSpan(row * _width, _width);

    /// <summary>Puts a column of numbers at a place of every row.</summary>
    public void Add(double[] numbers, int offset)
    {
        for (int row = 0; row < numbers.Length; row++)
        {
            _values[(row * _width) + offset] = numbers[row];
        }
    }

    /// <summary>Puts lists of numbers at a place of every row.</summary>
    public void Add(TensorColumn lists, int offset)
    {
        for (int row = 0; row < _rows; row++)
        {
            lists.CopyTo(row, this[row].Slice(offset, lists.Length));
        }
    }

    /// <summary>What was put together; not copied.</summary>
    public EncodedFeatures ToFeatures() => new(_values, _rows, _width);
}
