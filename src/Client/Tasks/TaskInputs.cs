using AdaptCluster.Client.Data;

namespace AdaptCluster.Client.Tasks;

/// <summary>Rows to predict of one task.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Inputs">The rows, encoded by the source's schema.</param>
public sealed record TaskInputs(string Task, Rows Inputs);
