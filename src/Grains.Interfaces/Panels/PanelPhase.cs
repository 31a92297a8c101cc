namespace AdaptCluster.Grains.Interfaces.Panels;

/// <summary>What a panel is doing.</summary>
public enum PanelPhase
{
    /// <summary>Nothing is being solved.</summary>
    Idle = 0,

    /// <summary>A block is about to begin: its targets are read, and it waits for memory where other solves have it.</summary>
    Waiting = 1,

    /// <summary>The kernel and the preconditioner are made.</summary>
    Preparing = 2,

    /// <summary>Conjugate gradients run.</summary>
    Iterating = 3,

    /// <summary>The residuals are recomputed.</summary>
    Certifying = 4,

    /// <summary>What the variance needs is made.</summary>
    Finishing = 5,

    /// <summary>The solutions are stored.</summary>
    Storing = 6,
}
