namespace AdaptCluster.Grains.Solves;

/// <summary>A whole answer.</summary>
/// <param name="Bytes">Little-endian numbers.</param>
/// <param name="Device">The device's time.</param>
internal sealed record ShardAnswer(byte[] Bytes, TimeSpan Device);
