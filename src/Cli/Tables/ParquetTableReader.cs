using Parquet;
using Parquet.Schema;

namespace AdaptCluster.Cli.Tables;

/// <summary>Reads Parquet: the flat columns that are wanted, row group by row group.</summary>
internal static class ParquetTableReader
{
    private static readonly ParquetOptions Options = new() { TreatByteArrayAsString = true };

    /// <summary>Reads the stream; only the columns in <paramref name="wanted"/> are read, all when it is null.</summary>
    /// <exception cref="TableException">The stream is not Parquet, is damaged, or has no rows.</exception>
    public static async Task<Table> ReadAsync(
        string source, Stream stream, IReadOnlySet<string>? wanted, CancellationToken cancellationToken)
    {
        try
        {
            await using ParquetReader reader = await ParquetReader.CreateAsync(stream, Options, true, cancellationToken);
            return await ReadAsync(source, reader, wanted, cancellationToken);
        }
        catch (Exception damage) when (damage is not (TableException or OperationCanceledException or UnauthorizedAccessException))
        {
            // The decoder trusts the file, so a damaged one surfaces as whatever it trips over: all of that is one error here.
            throw new TableException(source, "this is not a Parquet file, or is damaged", "write the file again", cause: damage);
        }
    }

    private static async Task<Table> ReadAsync(
        string source, ParquetReader reader, IReadOnlySet<string>? wanted, CancellationToken cancellationToken)
    {
        string[] names = [.. reader.Schema.Fields.Select(field => field.Name)];
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new TableException(
                source, $"there are two columns named {Quote.One(twice.Key)}", "rename or remove one of them");
        }

        int rowCount = checked((int)reader.RowGroups.Sum(group => group.RowCount));
        if (rowCount == 0)
        {
            throw new TableException(source, "the file has columns but no rows", "add at least one row of data");
        }

        var columns = new List<TableColumn>();
        foreach (Field field in reader.Schema.Fields.Where(field => wanted is null || wanted.Contains(field.Name)))
        {
            columns.Add(await ReadColumnAsync(reader, field, rowCount, cancellationToken));
        }

        return new Table(source, names, columns, rowCount);
    }

    private static async Task<TableColumn> ReadColumnAsync(
        ParquetReader reader, Field field, int rowCount, CancellationToken cancellationToken)
    {
        if (field is not DataField { IsArray: false, MaxRepetitionLevel: 0 } data)
        {
            string type = field.SchemaType == SchemaType.Data ? "list" : field.SchemaType.ToString().ToLowerInvariant();
            return new UnsupportedColumn(field.Name, $"a {type}", rowCount);
        }

        if (ParquetColumnBuilder.TryCreate(data, rowCount) is not { } builder)
        {
            return new UnsupportedColumn(field.Name, $"of type {data.ClrType.Name}", rowCount);
        }

        foreach (ParquetRowGroupReader group in reader.RowGroups)
        {
            using var values = await group.ReadRawColumnDataBaseAsync(data, cancellationToken);
            builder.Add(values, checked((int)group.RowCount));
        }

        return builder.ToColumn();
    }
}
