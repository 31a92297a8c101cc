using System.Numerics;
using Parquet.Data;
using Parquet.Schema;

namespace AdaptCluster.Cli.Tables;

/// <summary>Collects one Parquet column of lists of numbers over the row groups of its file.</summary>
/// <remarks>
/// Each entry has two levels. Repetition 0 starts a row. Definition says how much of the entry is there: at its most a number,
/// one less a missing number where numbers may be missing, then an empty list, and below that no list.
/// </remarks>
internal abstract class ParquetLists
{
    private const string Remedy = "make all lists of the column equally long, or leave the column out";

    private readonly DataField _field;
    private readonly string _name;
    private readonly int _rowCount;
    private readonly int _elementLevel;
    private double[] _values = [];
    private bool[]? _missing;
    private UnsupportedColumn? _unusable;
    private int _length = -1;
    private int _row = -1;
    private int _inRow;

    private ParquetLists(DataField field, string name, int rowCount)
    {
        _field = field;
        _name = name;
        _rowCount = rowCount;
        _elementLevel = field.MaxDefinitionLevel - (field.IsNullable ? 1 : 0);
    }

    /// <summary>A builder for lists of that type, or null when they are not read.</summary>
    public static ParquetLists? TryCreate(DataField field, string name, int rowCount)
    {
        Type type = field.ClrType;
        return field.MaxRepetitionLevel != 1 ? null : type switch
        {
            _ when type == typeof(double) => Of<double>(),
            _ when type == typeof(float) => Of<float>(),
            _ when type == typeof(long) => Of<long>(),
            _ when type == typeof(ulong) => Of<ulong>(),
            _ when type == typeof(int) => Of<int>(),
            _ when type == typeof(uint) => Of<uint>(),
            _ when type == typeof(short) => Of<short>(),
            _ when type == typeof(ushort) => Of<ushort>(),
            _ when type == typeof(sbyte) => Of<sbyte>(),
            _ when type == typeof(byte) => Of<byte>(),
            _ => null,
        };

        ParquetLists Of<T>()
            where T : struct, INumber<T> => new Typed<T>(field, name, rowCount);
    }

    /// <summary>Adds the next row group.</summary>
    /// <param name="data">The numbers that are there and the levels of all entries.</param>
    /// <param name="rows">The number of rows of the group.</param>
    /// <exception cref="InvalidDataException">The levels contradict the values: the file is damaged.</exception>
    public abstract void Add(RawColumnData data, int rows);

    /// <summary>The column, after the last row group.</summary>
    public TableColumn ToColumn()
    {
        EndRow();
        if (_row != _rowCount - 1)
        {
            throw new InvalidDataException("Repetition levels and rows do not agree.");
        }

        if (_unusable is not null)
        {
            return _unusable;
        }

        return _length > 0
            ? new ListColumn(_name, _length, _values, _missing, [.. Enumerable.Range(0, _rowCount)])
            : new UnsupportedColumn(_name, "every list of the column is empty", _rowCount, "fill them in, or leave the column out");
    }

    private void Add<T>(ReadOnlySpan<T> values, ReadOnlySpan<int> definitions, ReadOnlySpan<int> repetitions, int rows)
        where T : struct, INumber<T>
    {
        if (repetitions.Length < rows || definitions.Length != repetitions.Length)
        {
            throw new InvalidDataException("Repetition and definition levels do not agree.");
        }

        int used = 0;
        for (int i = 0; i < repetitions.Length && _unusable is null; i++)
        {
            if (repetitions[i] == 0)
            {
                EndRow();
                _row++;
                _inRow = 0;
            }

            if (_row < 0 || _row >= _rowCount || (definitions[i] == _field.MaxDefinitionLevel && used >= values.Length))
            {
                throw new InvalidDataException("Levels and values do not agree.");
            }

            if (definitions[i] == _field.MaxDefinitionLevel)
            {
                Set(double.CreateSaturating(values[used++]));
            }
            else if (definitions[i] >= _elementLevel)
            {
                Refuse($"number {_inRow + 1} of the list is missing", "fill it in, or leave the column out");
            }
            else if (definitions[i] < _elementLevel - 1)
            {
                (_missing ??= new bool[_rowCount])[_row] = true;
                _inRow = -1;
            }
        }

        if (_unusable is not null)
        {
            _row = _rowCount - 1;
        }
    }

    private void Set(double value)
    {
        long at = _length < 0 ? _inRow : ((long)_row * _length) + _inRow;
        if (_inRow == _length)
        {
            Refuse($"the list has more numbers than the {_length} of those before", Remedy);
            return;
        }

        if (at >= _values.Length)
        {
            Array.Resize(ref _values, (int)Math.Min(Math.Max(256, 2 * at), Array.MaxLength));
        }

        _values[at] = value;
        _inRow++;
    }

    /// <summary>The first list that is there says how long all are.</summary>
    private void EndRow()
    {
        if (_row < 0 || _inRow < 0 || _unusable is not null)
        {
            return;
        }

        if (_length < 0)
        {
            Begin();
        }
        else if (_inRow != _length)
        {
            Refuse($"the list has {_inRow} numbers where those before have {_length}", Remedy);
        }
    }

    private void Begin()
    {
        _length = _inRow;
        long size = (long)_length * _rowCount;
        if (size > Array.MaxLength)
        {
            Refuse($"{_rowCount} lists of {_length} numbers are too many to be read", "split the file");
            return;
        }

        double[] values = new double[size];
        Array.Copy(_values, 0, values, (long)_row * _length, _length);
        _values = values;
    }

    private void Refuse(string problem, string remedy) =>
        _unusable ??= new UnsupportedColumn(_name, problem, _rowCount, remedy, $"row {_row + 1}");

    private sealed class Typed<T>(DataField field, string name, int rowCount) : ParquetLists(field, name, rowCount)
        where T : struct, INumber<T>
    {
        public override void Add(RawColumnData data, int rows) =>
            Add(((RawColumnData<T>)data).Values, data.DefinitionLevels, data.RepetitionLevels, rows);
    }
}
