namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>Where one target of a panel stands.</summary>
public enum PanelTargetStatus
{
    /// <summary>What it observed is newer than its posterior.</summary>
    Stale = 0,

    /// <summary>Its posterior rests on what it observed last.</summary>
    Ready = 1,

    /// <summary>
    /// Its column did not converge: what it observed last gives no posterior, and predictions come from an older one, if there is one.
    /// It is tried again when it gets other values or the source another prior.
    /// </summary>
    NotConverged = 2,
}
