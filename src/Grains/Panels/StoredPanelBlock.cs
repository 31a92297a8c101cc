using AdaptCluster.Grains.Interfaces.Sources;

namespace AdaptCluster.Grains.Panels;

/// <summary>The solutions of one block.</summary>
/// <param name="Number">Counts the blocks from 1.</param>
/// <param name="Hash">The content hash of its file.</param>
/// <param name="ModelHash">The content hash of the source model.</param>
/// <param name="Prior">The prior, whole, without the statistics of its fit.</param>
[GenerateSerializer, Immutable, Alias("adapt.StoredPanelBlock")]
internal sealed record StoredPanelBlock(
    [property: Id(0)] int Number,
    [property: Id(1)] string Hash,
    [property: Id(2)] string ModelHash,
    [property: Id(3)] PriorDescription Prior);
