namespace AdaptCluster.Cli.Tables;

/// <summary>Which kind of data file a path names.</summary>
internal static class TableFormats
{
    /// <summary>The kind by extension, in any case.</summary>
    /// <exception cref="TableException">The extension is none of .csv, .csv.gz and .parquet.</exception>
    public static TableFormat Of(string path)
    {
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
        {
            return TableFormat.Csv;
        }

        if (path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase))
        {
            return TableFormat.CompressedCsv;
        }

        if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            return TableFormat.Parquet;
        }

        string extension = Path.GetExtension(path);
        string problem = extension.Length == 0 ? "the name has no extension" : $"{Quote.One(extension)} is no kind of data file known here";
        throw new TableException(path, problem, "use .csv, .csv.gz or .parquet");
    }
}
