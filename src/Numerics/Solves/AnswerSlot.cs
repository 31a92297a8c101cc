namespace AdaptCluster.Numerics.Solves;

/// <summary>Where the shards' answers to the last request are found, in shard order.</summary>
internal sealed class AnswerSlot
{
    internal IReadOnlyList<byte[]> Current { get; set; } = [];
}
