namespace AdaptCluster.Client.Data;

/// <summary>The rows of one task.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Rows">Its rows.</param>
public sealed record TaskRows(string Task, LabelledRows Rows);
