namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>Where a panel stands.</summary>
public enum PanelStatus
{
    /// <summary>It has no targets.</summary>
    Empty = 0,

    /// <summary>A target is newer than its posterior.</summary>
    Stale = 1,

    /// <summary>A block is being solved; predictions come from the last solutions.</summary>
    Solving = 2,

    /// <summary>Every target was solved, or was found not to converge.</summary>
    Ready = 3,

    /// <summary>The last block failed as a whole; the reason is kept, and its targets are as stale as before.</summary>
    Failed = 4,

    /// <summary>Solving it ended with the silo too often; it is not tried again by itself.</summary>
    Quarantined = 5,
}
