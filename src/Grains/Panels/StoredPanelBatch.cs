namespace AdaptCluster.Grains.Panels;

/// <summary>A batch that a panel has taken. It is remembered for ever, so that a late retry is one; its file is not.</summary>
/// <param name="Id">The client's name of it.</param>
/// <param name="Number">Counts the batches from 1.</param>
/// <param name="Hash">The content hash of its file.</param>
/// <param name="IsKept">Whether the file is there: a target is still what the batch says.</param>
[GenerateSerializer, Immutable, Alias("adapt.StoredPanelBatch")]
internal sealed record StoredPanelBatch(
    [property: Id(0)] string Id,
    [property: Id(1)] int Number,
    [property: Id(2)] string Hash,
    [property: Id(3)] bool IsKept);
