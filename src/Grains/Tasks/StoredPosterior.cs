using AdaptCluster.Grains.Interfaces.Sources;
using AdaptCluster.Grains.Interfaces.Tasks;

namespace AdaptCluster.Grains.Tasks;

/// <summary>
/// One version of a posterior, as what it is a function of: model, prior and the first rows of the task. The
/// factorisation is not kept; computing it again from these gives the same numbers.
/// </summary>
/// <param name="Description">What is told about it; its observations count the rows that it rests on.</param>
/// <param name="Prior">The prior, whole, without the statistics of its fit.</param>
/// <param name="ModelHash">The content hash of the source model.</param>
/// <param name="SolvedHash">The content hash of what an iterative solve gave, which is kept; null after a direct one.</param>
[GenerateSerializer, Immutable, Alias("adapt.StoredPosterior")]
internal sealed record StoredPosterior(
    [property: Id(0)] PosteriorDescription Description,
    [property: Id(1)] PriorDescription Prior,
    [property: Id(2)] string ModelHash,
    [property: Id(3)] string? SolvedHash = null);
