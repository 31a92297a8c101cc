using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>A solve that converged: its posterior is durable in the tensor store.</summary>
/// <param name="Solve">Which solve.</param>
/// <param name="Posterior">What is told about it.</param>
/// <param name="Hash">The content hash of its file.</param>
[GenerateSerializer, Immutable, Alias("adapt.SolveCompletion")]
public sealed record SolveCompletion(
    [property: Id(0)] Guid Solve,
    [property: Id(1)] PosteriorDescription Posterior,
    [property: Id(2)] string Hash);
