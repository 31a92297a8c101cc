using AdaptCluster.Client.Data;
using AdaptCluster.Client.Tasks;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Processes.Tests.Crashes;

/// <summary>What a client was told before the silo died.</summary>
/// <param name="Task">The task.</param>
/// <param name="Rows">The rows that were sent.</param>
/// <param name="Description">What the adaptation returned.</param>
/// <param name="Prediction">What the task predicted right after; null where the silo died in between.</param>
internal sealed record Acknowledgement(string Task, LabelledRows Rows, TaskDescription Description, Prediction? Prediction);
