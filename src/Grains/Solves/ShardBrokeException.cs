namespace AdaptCluster.Grains.Solves;

/// <summary>A shard met an error that is none of its own: it is loaded again once, and asked again.</summary>
internal sealed class ShardBrokeException(string message, Exception error) : Exception(message, error);
