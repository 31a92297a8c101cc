namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What a shard is to be.</summary>
/// <param name="Session">Counts the times that the solve was taken up: an earlier coordinator is refused.</param>
/// <param name="Order">The solve.</param>
/// <param name="Shard">Which of the plan's shards, from 0.</param>
/// <param name="PartBytes">The most bytes of one message.</param>
/// <param name="Patience">How long to wait for the end of the loading before saying that it goes on.</param>
[GenerateSerializer, Immutable, Alias("adapt.ShardOrder")]
public sealed record ShardOrder(
    [property: Id(0)] long Session,
    [property: Id(1)] SolveOrder Order,
    [property: Id(2)] int Shard,
    [property: Id(3)] int PartBytes,
    [property: Id(4)] TimeSpan Patience);
