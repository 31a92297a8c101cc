using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Grains.Solves;

/// <summary>What one turn of a coordinator on the lane gave.</summary>
/// <param name="Request">What the shards are to be asked now; null while there is own work.</param>
/// <param name="IsDone">Whether the solve has ended.</param>
/// <param name="Progress">Where it stands.</param>
/// <param name="Checkpoint">What would be lost, if a checkpoint was due.</param>
/// <param name="Elapsed">The device's time.</param>
internal sealed record SolveStep(ShardRequest? Request, bool IsDone, SolveProgress Progress, byte[]? Checkpoint, TimeSpan Elapsed);
