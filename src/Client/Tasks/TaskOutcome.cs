using AdaptCluster.Grains.Interfaces.Errors;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Client.Tasks;

/// <summary>What became of one task of a bulk operation.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Description">The task as acknowledged; null if it failed.</param>
/// <param name="Error">Why it failed; null if it did not.</param>
public sealed record TaskOutcome(string Task, TaskDescription? Description, AdaptException? Error);
