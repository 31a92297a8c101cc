using System.Collections.Immutable;

namespace AdaptCluster.Grains.Interfaces.Tensors;

/// <summary>A data set that was staged chunk by chunk, to be read once by a long operation.</summary>
/// <param name="Upload">The upload that staged it; its parts are removed once they were read.</param>
/// <param name="Chunks">The chunks, in row order.</param>
/// <param name="RowsPerTask">
/// How many consecutive rows belong to each task, in row order; they add up to the rows of all chunks.
/// </param>
[GenerateSerializer, Immutable, Alias("adapt.StagedDataset")]
public sealed record StagedDataset(
    [property: Id(0)] Guid Upload,
    [property: Id(1)] ImmutableArray<StagedChunk> Chunks,
    [property: Id(2)] ImmutableArray<int> RowsPerTask);
