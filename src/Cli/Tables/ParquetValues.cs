using Parquet.Data;

namespace AdaptCluster.Cli.Tables;

/// <summary>The walk over present and missing values that the column types share.</summary>
/// <typeparam name="T">The type the decoder returns.</typeparam>
internal abstract class ParquetValues<T>(int rowCount, bool nullable) : ParquetColumnBuilder
    where T : struct
{
    private int _next;

    /// <summary>Which values are missing; null as long as none is.</summary>
    protected bool[]? Missing { get; private set; }

    /// <inheritdoc/>
    public sealed override void Add(RawColumnData data, int rows)
    {
        // The decoder packs the values that are there at the front of a span that is as long as the group.
        ReadOnlySpan<T> values = ((RawColumnData<T>)data).Values;
        ReadOnlySpan<int> levels = nullable ? data.DefinitionLevels : [];
        int absent = levels.Count(0);
        if (values.Length < rows - absent || (nullable && levels.Length != rows))
        {
            throw new InvalidDataException("Definition levels and values do not agree.");
        }

        if (absent == 0)
        {
            foreach (T value in values[..rows])
            {
                Set(_next++, value);
            }

            return;
        }

        Missing ??= new bool[rowCount];
        int used = 0;
        foreach (int level in levels)
        {
            if (level == 0)
            {
                Missing[_next] = true;
                SetMissing(_next++);
            }
            else
            {
                Set(_next++, values[used++]);
            }
        }
    }

    /// <summary>Stores a value that is there.</summary>
    protected abstract void Set(int row, T value);

    /// <summary>Stores that there is none.</summary>
    protected virtual void SetMissing(int row)
    {
    }
}
