namespace AdaptCluster.Bench.Clusters;

/// <summary>What came of one solve whose silo was killed.</summary>
/// <param name="KilledCoordinator">Whether the silo had the coordinator.</param>
/// <param name="Recovery">After the kill, the longest time in seconds in which the solve came no further; null if it was lost.</param>
/// <param name="Beyond">Seconds that it took longer than the undisturbed one.</param>
/// <param name="Difference">The largest difference of a predicted mean or standard deviation, in prior standard deviations.</param>
/// <param name="HasSameBits">Whether there is none at all.</param>
internal sealed record FaultRound(bool KilledCoordinator, double? Recovery, double Beyond, double Difference, bool HasSameBits);
