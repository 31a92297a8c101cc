namespace AdaptCluster.Grains.Interfaces.Tasks;

/// <summary>Where a target task stands.</summary>
public enum TargetTaskStatus
{
    /// <summary>It holds no observations.</summary>
    Empty = 0,

    /// <summary>Its observations are newer than its posterior.</summary>
    Stale = 1,

    /// <summary>A posterior is being computed; predictions come from the last one.</summary>
    Solving = 2,

    /// <summary>Its posterior covers all its observations.</summary>
    Ready = 3,

    /// <summary>The last adaptation failed; the reason is kept.</summary>
    Failed = 4,

    /// <summary>Adapting it ended with the silo too often; it is not tried again by itself.</summary>
    Quarantined = 5,
}
