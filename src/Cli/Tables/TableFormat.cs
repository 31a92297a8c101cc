namespace AdaptCluster.Cli.Tables;

/// <summary>The kinds of data file.</summary>
internal enum TableFormat
{
    /// <summary>.csv</summary>
    Csv,

    /// <summary>.csv.gz</summary>
    CompressedCsv,

    /// <summary>.parquet</summary>
    Parquet,
}
