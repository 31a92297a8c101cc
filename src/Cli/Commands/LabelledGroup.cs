using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;

namespace AdaptCluster.Cli.Commands;

/// <summary>One task's rows with their targets.</summary>
internal sealed record LabelledGroup(TaskGroup Group, LabelledRows Rows);
