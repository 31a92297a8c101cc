using AdaptCluster.Cli.Tables;
using AdaptCluster.Client.Data;

namespace AdaptCluster.Cli.Commands;

/// <summary>One task's rows without targets.</summary>
internal sealed record InputGroup(TaskGroup Group, Rows Inputs);
