namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>A shard's reply. The receiver releases the payload.</summary>
/// <param name="Status">What it is.</param>
/// <param name="Parts">How many parts the answer has.</param>
/// <param name="TotalBytes">The bytes of the whole answer.</param>
/// <param name="DeviceMilliseconds">The device's time for the whole answer.</param>
/// <param name="Payload">The part that was asked for; part 0 first.</param>
[GenerateSerializer, Immutable, Alias("adapt.ShardReply")]
public sealed record ShardReply(
    [property: Id(0)] ShardReplyStatus Status,
    [property: Id(1)] int Parts,
    [property: Id(2)] long TotalBytes,
    [property: Id(3)] double DeviceMilliseconds,
    [property: Id(4)] SolvePayload Payload)
{
    /// <summary>A reply without an answer.</summary>
    public static ShardReply Of(ShardReplyStatus status) => new(status, 0, 0, 0, SolvePayload.Empty);
}
