namespace AdaptCluster.Grains.Solves;

/// <summary>Where a shard is.</summary>
/// <param name="Number">Counts the shard's placements: each is a grain of its own, so that a new one never meets an old one's remains.</param>
/// <param name="Silo">The silo, as its address is written.</param>
[GenerateSerializer, Immutable, Alias("adapt.ShardPlacement")]
internal sealed record ShardPlacement([property: Id(0)] int Number, [property: Id(1)] string Silo);
