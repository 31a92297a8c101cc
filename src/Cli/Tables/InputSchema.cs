using System.Collections.Immutable;

namespace AdaptCluster.Cli.Tables;

/// <summary>The input columns of a source, in the order in which they are encoded.</summary>
internal sealed record InputSchema(ImmutableArray<InputColumn> Columns);
