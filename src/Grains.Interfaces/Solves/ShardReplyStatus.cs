namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What a shard says to a question.</summary>
public enum ShardReplyStatus
{
    /// <summary>The answer, or a part of it.</summary>
    Answered = 0,

    /// <summary>The part was kept; others are missing.</summary>
    Accepted = 1,

    /// <summary>It is being computed; fetch it.</summary>
    Working = 2,

    /// <summary>Parts before the last are missing: send all.</summary>
    Incomplete = 3,

    /// <summary>It is not loaded: the grain is new, or has released itself.</summary>
    NotLoaded = 4,

    /// <summary>The question is an old one.</summary>
    Stale = 5,

    /// <summary>A later coordinator has the shard.</summary>
    Superseded = 6,
}
