namespace AdaptCluster.Grains.Devices;

/// <summary>One version of one task's posterior.</summary>
/// <param name="Task">The task's incarnation: a deleted and recreated task is another one.</param>
/// <param name="Version">The version.</param>
/// <param name="ModelHash">The source model, whose loaded network the posterior borrows.</param>
internal readonly record struct PosteriorKey(Guid Task, int Version, string ModelHash);
