using AdaptCluster.Grains.Interfaces.Solves;

namespace AdaptCluster.Grains.Interfaces.PriorFits;

/// <summary>The reply of a part of a fit. The receiver releases the payload.</summary>
/// <param name="Status">What it is; <see cref="ShardReplyStatus.Stale"/> and <see cref="ShardReplyStatus.Superseded"/> do not occur.</param>
/// <param name="Parts">How many parts the answer has.</param>
/// <param name="TotalBytes">The bytes of the whole answer.</param>
/// <param name="TasksDone">How many of its tasks are done; of an answer all.</param>
/// <param name="Payload">The part of the answer that was asked for; part 0 first.</param>
[GenerateSerializer, Immutable, Alias("adapt.EvidenceReply")]
public sealed record EvidenceReply(
    [property: Id(0)] ShardReplyStatus Status,
    [property: Id(1)] int Parts,
    [property: Id(2)] long TotalBytes,
    [property: Id(3)] int TasksDone,
    [property: Id(4)] SolvePayload Payload)
{
    /// <summary>A reply without an answer.</summary>
    public static EvidenceReply Of(ShardReplyStatus status, int tasksDone = 0) => new(status, 0, 0, tasksDone, SolvePayload.Empty);
}
