using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace AdaptCluster.Cli.Tables;

/// <summary>Reads Parquet: the flat columns that are wanted, row group by row group.</summary>
internal static class ParquetTableReader
{
    private const double SlowestRowsPerSecond = 50_000;

    private static readonly ParquetOptions Options = new() { TreatByteArrayAsString = true };

    /// <summary>Reads the stream; only the columns in <paramref name="wanted"/> are read, all when it is null.</summary>
    /// <remarks>
    /// Some damage sends the decoder round in circles for good (a footer without its end, for one) where it heeds no
    /// cancellation. So each step has a time limit that a sound file stays far below; past it the file is called
    /// damaged, and the stuck thread is left behind until the process ends.
    /// </remarks>
    /// <param name="source">The path as the user gave it.</param>
    /// <param name="stream">The file, seekable.</param>
    /// <param name="wanted">The columns to read; all when null.</param>
    /// <param name="patience">The limit for opening the file, and for a column of a row group on top of its rows.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="TableException">The stream is not Parquet, is damaged, or has no rows.</exception>
    public static async Task<Table> ReadAsync(
        string source, Stream stream, IReadOnlySet<string>? wanted, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await using ParquetReader reader = await Within(
                patience, () => ParquetReader.CreateAsync(stream, Options, true, cancellationToken), cancellationToken);
            return await ReadAsync(source, reader, wanted, patience, cancellationToken);
        }
        catch (Exception damage) when (damage is not (TableException or OperationCanceledException or UnauthorizedAccessException))
        {
            // The decoder trusts the file, so a damaged one surfaces as whatever it trips over: all of that is one error here.
            throw new TableException(source, "this is not a Parquet file, or is damaged", "write the file again", cause: damage);
        }
    }

    private static async Task<Table> ReadAsync(
        string source, ParquetReader reader, IReadOnlySet<string>? wanted, TimeSpan patience, CancellationToken cancellationToken)
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
            columns.Add(await ReadColumnAsync(reader, field, rowCount, patience, cancellationToken));
        }

        return new Table(source, names, columns, rowCount);
    }

    private static async Task<TableColumn> ReadColumnAsync(
        ParquetReader reader, Field field, int rowCount, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Numbers(field) is { } item && ParquetLists.TryCreate(item, field.Name, rowCount) is { } lists)
        {
            await ReadAsync(item, lists.Add);
            return lists.ToColumn();
        }

        if (field is not DataField { IsArray: false, MaxRepetitionLevel: 0 } data)
        {
            string type = field.SchemaType == SchemaType.Data ? "list" : field.SchemaType.ToString().ToLowerInvariant();
            string remedy = type == "list" ? "use columns of numbers, of text, or of flat lists of numbers" : "use columns of numbers or text";
            return new UnsupportedColumn(field.Name, $"the column is a {type}", rowCount, remedy);
        }

        if (ParquetColumnBuilder.TryCreate(data, rowCount) is not { } builder)
        {
            return new UnsupportedColumn(field.Name, $"the column is of type {data.ClrType.Name}", rowCount);
        }

        await ReadAsync(data, builder.Add);
        return builder.ToColumn();

        async Task ReadAsync(DataField column, Action<RawColumnData, int> add)
        {
            foreach (ParquetRowGroupReader group in reader.RowGroups)
            {
                TimeSpan limit = patience + TimeSpan.FromSeconds(group.RowCount / SlowestRowsPerSecond);
                using var values = await Within(
                    limit, () => group.ReadRawColumnDataBaseAsync(column, cancellationToken).AsTask(), cancellationToken);
                add(values, checked((int)group.RowCount));
            }
        }
    }

    /// <summary>What a column of flat lists has in its lists.</summary>
    private static DataField? Numbers(Field field) => field switch
    {
        ListField { Item: DataField item } => item,
        DataField { MaxRepetitionLevel: 1 } item => item,
        _ => null,
    };

    private static Task<T> Within<T>(TimeSpan limit, Func<Task<T>> step, CancellationToken cancellationToken) =>
        Task.Run(step, cancellationToken).WaitAsync(limit, cancellationToken);
}
