namespace AdaptCluster.Cli.Tables;

/// <summary>What a file's column was found to hold.</summary>
internal enum ColumnKind
{
    /// <summary>Numbers; in a CSV file at least half of the values that are there parse as numbers.</summary>
    Numeric,

    /// <summary>Anything that is not numeric.</summary>
    Text,

    /// <summary>Date and time without a zone; Parquet only.</summary>
    Timestamp,

    /// <summary>A Parquet type that is not read (lists, structures, maps, intervals, raw bytes).</summary>
    Unsupported,
}
