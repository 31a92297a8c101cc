namespace AdaptCluster.Client.Backups;

/// <summary>What was copied.</summary>
/// <param name="Records">Records of sources, tasks and whatever else the cluster keeps.</param>
/// <param name="Files">Tensor files.</param>
/// <param name="Bytes">Of both.</param>
public sealed record BackupSummary(long Records, long Files, long Bytes);
