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

    /// <summary>Lists of numbers, all of one length: a Parquet column of lists, the images of a folder.</summary>
    Tensor,

    /// <summary>A Parquet type that is not read (ragged lists, lists of lists, structures, maps, intervals, raw bytes).</summary>
    Unsupported,
}
