namespace AdaptCluster.Grains.Devices;

/// <summary>One version of one task's posterior, or one block of a panel.</summary>
/// <param name="Task">The incarnation of the task or panel: a deleted and recreated one is another.</param>
/// <param name="Version">The version, or the number of the block.</param>
/// <param name="ModelHash">The source model, whose loaded network the posterior borrows.</param>
internal readonly record struct PosteriorKey(Guid Task, int Version, string ModelHash);
