using System.Buffers;
using System.Text;

namespace AdaptCluster.Cli.Tables;

/// <summary>
/// The cells of one CSV column while the file is read: UTF-8 end to end in one buffer, since a column's kind is known
/// only once all of it has been seen.
/// </summary>
internal sealed class CsvCells(string name)
{
    private readonly List<int> _ends = [];
    private byte[] _bytes = new byte[256];
    private int _length;

    /// <summary>The column's name.</summary>
    public string Name { get; } = name;

    /// <summary>Adds the next row's cell.</summary>
    /// <returns>False when the column would pass 2 GiB; nothing is added then.</returns>
    public bool TryAdd(ReadOnlySpan<byte> cell)
    {
        long needed = (long)_length + cell.Length;
        if (needed > Array.MaxLength)
        {
            return false;
        }

        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, 2L * _bytes.Length), Array.MaxLength));
        }

        cell.CopyTo(_bytes.AsSpan(_length));
        _length = (int)needed;
        _ends.Add(_length);
        return true;
    }

    /// <summary>The column, numeric when at least half of the values that are there are numbers.</summary>
    public TableColumn ToColumn()
    {
        var values = new double[_ends.Count];
        bool[]? missing = null;
        int present = 0;
        int numbers = 0;
        for (int row = 0; row < values.Length; row++)
        {
            ReadOnlySpan<byte> cell = Cell(row);
            if (NumberText.TryParse(cell, out values[row]))
            {
                present++;
                numbers++;
                continue;
            }

            values[row] = double.NaN;
            if (NumberText.IsMissing(cell))
            {
                (missing ??= new bool[values.Length])[row] = true;
            }
            else
            {
                present++;
            }
        }

        return 2L * numbers >= present ? new NumericColumn(Name, values, missing, Text) : ToText();
    }

    private TextColumn ToText()
    {
        var pool = new StringPool();
        var values = new string[_ends.Count];
        char[] buffer = [];
        for (int row = 0; row < values.Length; row++)
        {
            ReadOnlySpan<byte> cell = Cell(row);
            if (cell.Length > buffer.Length)
            {
                buffer = new char[Math.Max(cell.Length, 2 * buffer.Length)];
            }

            OperationStatus status = System.Text.Unicode.Utf8.ToUtf16(cell, buffer, out _, out int written);
            values[row] = status == OperationStatus.Done ? pool.Get(buffer.AsSpan(0, written)) : Text(row);
        }

        return new TextColumn(Name, values);
    }

    private string Text(int row) => Encoding.UTF8.GetString(Cell(row));

    private ReadOnlySpan<byte> Cell(int row)
    {
        int start = row == 0 ? 0 : _ends[row - 1];
        return _bytes.AsSpan(start, _ends[row] - start);
    }
}
