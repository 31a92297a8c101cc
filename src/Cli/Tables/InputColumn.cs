using System.Collections.Immutable;

namespace AdaptCluster.Cli.Tables;

/// <summary>One input column of a source.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Categories">The vocabulary of a categorical column, in ordinal order; empty for a numeric column.</param>
internal sealed record InputColumn(string Name, ImmutableArray<string> Categories);
