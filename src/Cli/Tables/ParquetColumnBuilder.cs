using System.Numerics;
using Parquet.Data;
using Parquet.Schema;

namespace AdaptCluster.Cli.Tables;

/// <summary>Collects one flat Parquet column over the row groups of its file.</summary>
internal abstract class ParquetColumnBuilder
{
    /// <summary>A builder for the field's type, or null when columns of that type are not read.</summary>
    public static ParquetColumnBuilder? TryCreate(DataField field, int rowCount)
    {
        Type type = field.ClrType;
        bool nullable = field.MaxDefinitionLevel > 0;
        return type switch
        {
            _ when type == typeof(double) => Number<double>(),
            _ when type == typeof(float) => Number<float>(),
            _ when type == typeof(long) => Number<long>(),
            _ when type == typeof(ulong) => Number<ulong>(),
            _ when type == typeof(int) => Number<int>(),
            _ when type == typeof(uint) => Number<uint>(),
            _ when type == typeof(short) => Number<short>(),
            _ when type == typeof(ushort) => Number<ushort>(),
            _ when type == typeof(sbyte) => Number<sbyte>(),
            _ when type == typeof(byte) => Number<byte>(),
            _ when type == typeof(decimal) => Number<decimal>(),
            _ when type == typeof(bool) => new ParquetNumbers<bool>(field.Name, rowCount, nullable, value => value ? 1 : 0),
            _ when type == typeof(ReadOnlyMemory<char>) || type == typeof(string) => new ParquetTexts(field.Name, rowCount, nullable),
            _ when type == typeof(DateTime) => new ParquetTimestamps(field.Name, rowCount, nullable),
            _ => null,
        };

        ParquetNumbers<T> Number<T>()
            where T : struct, INumber<T> => new(field.Name, rowCount, nullable, double.CreateSaturating);
    }

    /// <summary>Adds the next row group.</summary>
    /// <param name="data">The values that are there and, when some are not, the definition levels.</param>
    /// <param name="rows">The number of rows of the group, missing values included.</param>
    /// <exception cref="InvalidDataException">The levels contradict the values: the file is damaged.</exception>
    public abstract void Add(RawColumnData data, int rows);

    /// <summary>The column, after the last row group.</summary>
    public abstract TableColumn ToColumn();
}
