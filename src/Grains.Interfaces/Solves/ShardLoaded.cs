namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>Where and how a shard is.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Silo">The silo, as its address is written.</param>
/// <param name="Bytes">The memory that it was given, or would need.</param>
/// <param name="FreeBytes">What the silo has free for solves.</param>
/// <param name="TotalBytes">What it has for solves in all.</param>
[GenerateSerializer, Immutable, Alias("adapt.ShardLoaded")]
public sealed record ShardLoaded(
    [property: Id(0)] ShardLoadStatus Status,
    [property: Id(1)] string Silo,
    [property: Id(2)] long Bytes,
    [property: Id(3)] long FreeBytes,
    [property: Id(4)] long TotalBytes);
