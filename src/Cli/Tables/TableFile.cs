using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.GZip;

namespace AdaptCluster.Cli.Tables;

/// <summary>Reads a data file, CSV (.csv, .csv.gz) or Parquet (.parquet), by its extension; or a folder of images.</summary>
internal static class TableFile
{
    private static readonly TimeSpan ParquetPatience = TimeSpan.FromSeconds(30);

    /// <summary>Reads the file into memory.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="columns">
    /// The columns to read, all when null. One that the file lacks is no error here but where it is used, since only
    /// there is it known what it was for.
    /// </param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="TableException">The file is missing, empty, of an unknown kind, or not what its extension says.</exception>
    public static async Task<Table> ReadAsync(
        string path, IEnumerable<string>? columns = null, CancellationToken cancellationToken = default)
    {
        if (Directory.Exists(path))
        {
            return await ReadFolderAsync(path, columns, cancellationToken);
        }

        TableFormat format = TableFormats.Of(path);
        if (!File.Exists(path))
        {
            throw new TableException(path, "there is no such file", "check the path");
        }

        IReadOnlySet<string>? wanted = columns?.ToHashSet(StringComparer.Ordinal);
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            if (stream.Length == 0)
            {
                throw new TableException(path, "the file is empty", "give it columns and rows");
            }

            return format switch
            {
                TableFormat.Parquet => await ParquetTableReader.ReadAsync(path, stream, wanted, ParquetPatience, cancellationToken),
                TableFormat.CompressedCsv => ReadCompressed(path, stream, wanted, cancellationToken),
                _ => CsvTableReader.Read(path, stream, wanted, cancellationToken),
            };
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new TableException(path, "the file may not be read", "check its permissions", cause: denied);
        }
        catch (IOException failed)
        {
            throw new TableException(path, $"the file could not be read ({Line(failed)})", "check the file and its disk", cause: failed);
        }
    }

    private static async Task<Table> ReadFolderAsync(string path, IEnumerable<string>? columns, CancellationToken cancellationToken)
    {
        string index = Path.Combine(path, ImageFolder.Index);
        return File.Exists(index)
            ? ImageFolder.Load(path, await ReadAsync(index, columns, cancellationToken), cancellationToken)
            : throw new TableException(path, $"this is a directory without {ImageFolder.Index}", "name a file, or a folder of images with its index");
    }

    private static Table ReadCompressed(
        string path, Stream stream, IReadOnlySet<string>? wanted, CancellationToken cancellationToken)
    {
        // The framework's GZipStream ends quietly where a file was cut off; rows would be lost without a word.
        using var text = new GZipInputStream(stream) { IsStreamOwner = false };
        try
        {
            return CsvTableReader.Read(path, text, wanted, cancellationToken);
        }
        catch (Exception corrupt) when (corrupt is SharpZipBaseException or EndOfStreamException)
        {
            throw new TableException(
                path, "the file is not gzip, or is damaged", "compress it again, or fetch it again", cause: corrupt);
        }
    }

    private static string Line(Exception exception) => exception.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
