using System.Globalization;
using System.IO.Compression;
using CsvHelper;
using Parquet;
using Parquet.Schema;

namespace AdaptCluster.Cli.Tables;

/// <summary>
/// Writes predictions, CSV or Parquet by extension; of several targets with a row for each and its name as the last column. The
/// file is there whole or not at all.
/// </summary>
internal static class PredictionsFile
{
    private static readonly string[] Names = ["task", "row", "mean", "sd", "lower95", "upper95", "version"];

    private const string Target = "target";

    private static readonly CsvWriterOptions CsvOptions = new() { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace };

    /// <summary>Checks the path before the work is done whose result it is to hold.</summary>
    /// <exception cref="TableException">The extension is unknown, the folder does not exist or cannot be written, or the path is a directory.</exception>
    public static void CheckPath(string path)
    {
        TableFormats.Of(path);
        ReplacedFile.CheckWritable(path);
    }

    /// <summary>Writes the rows. Doubles are written so that reading them back gives the same bits.</summary>
    /// <exception cref="TableException">The path cannot be written, or the disk is full; an old file is untouched then.</exception>
    public static async Task WriteAsync(string path, IReadOnlyList<PredictionRow> rows, CancellationToken cancellationToken = default)
    {
        TableFormat format = TableFormats.Of(path);
        await ReplacedFile.WriteAsync(
            path,
            async stream =>
            {
                if (format == TableFormat.Parquet)
                {
                    await WriteParquetAsync(stream, rows, cancellationToken);
                }
                else if (format == TableFormat.CompressedCsv)
                {
                    await using var compressed = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
                    WriteCsv(compressed, rows);
                }
                else
                {
                    WriteCsv(stream, rows);
                }
            });
    }

    private static void WriteCsv(Stream stream, IReadOnlyList<PredictionRow> rows)
    {
        using CsvWriter writer = CsvWriter.Create(stream, CsvOptions, leaveOpen: true);
        bool several = rows.Any(row => row.Target is not null);
        foreach (string name in several ? [.. Names, Target] : Names)
        {
            writer.WriteField(name);
        }

        writer.EndRecord();
        foreach (PredictionRow row in rows)
        {
            writer.WriteField(row.Task);
            writer.WriteField(row.Row.ToString(CultureInfo.InvariantCulture));
            foreach (double value in (ReadOnlySpan<double>)[row.Mean, row.Sd, row.Lower95, row.Upper95])
            {
                writer.WriteField(value.ToString("R", CultureInfo.InvariantCulture));
            }

            writer.WriteField(row.Version.ToString(CultureInfo.InvariantCulture));
            if (several)
            {
                writer.WriteField(row.Target ?? string.Empty);
            }

            writer.EndRecord();
        }
    }

    private static async Task WriteParquetAsync(Stream stream, IReadOnlyList<PredictionRow> rows, CancellationToken cancellationToken)
    {
        bool several = rows.Any(row => row.Target is not null);
        Field[] flat =
        [
            new DataField<string>(Names[0], nullable: false),
            new DataField<long>(Names[1]),
            new DataField<double>(Names[2]),
            new DataField<double>(Names[3]),
            new DataField<double>(Names[4]),
            new DataField<double>(Names[5]),
            new DataField<long>(Names[6]),
        ];
        var schema = new ParquetSchema(several ? [.. flat, new DataField<string>(Target, nullable: false)] : flat);
        DataField[] fields = schema.DataFields;
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream, null, false, cancellationToken);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        await group.WriteAsync(fields[0], rows.Select(row => row.Task).ToArray());
        await WriteAsync(fields[1], row => row.Row);
        await WriteAsync(fields[2], row => row.Mean);
        await WriteAsync(fields[3], row => row.Sd);
        await WriteAsync(fields[4], row => row.Lower95);
        await WriteAsync(fields[5], row => row.Upper95);
        await WriteAsync(fields[6], row => row.Version);
        if (several)
        {
            await group.WriteAsync(fields[7], rows.Select(row => row.Target ?? string.Empty).ToArray());
        }

        group.CompleteValidate();

        async Task WriteAsync<T>(DataField field, Func<PredictionRow, T> value)
            where T : struct =>
            await group.WriteAsync<T>(field, rows.Select(value).ToArray(), cancellationToken: cancellationToken);
    }
}
