namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What became of a shard's loading.</summary>
public enum ShardLoadStatus
{
    /// <summary>It takes questions.</summary>
    Loaded = 0,

    /// <summary>It goes on; ask again.</summary>
    Loading = 1,

    /// <summary>The silo has too little memory free now.</summary>
    NoRoomNow = 2,

    /// <summary>The silo has too little memory.</summary>
    NoRoomEver = 3,

    /// <summary>A later coordinator has the shard.</summary>
    Superseded = 4,
}
