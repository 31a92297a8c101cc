namespace AdaptCluster.Grains.Interfaces.Solves;

/// <summary>What a solve is doing.</summary>
public enum SolveStage
{
    /// <summary>It waits for memory that others use.</summary>
    Waiting = 0,

    /// <summary>Shards are placed and read their rows.</summary>
    Loading = 1,

    /// <summary>The preconditioner is made.</summary>
    Preparing = 2,

    /// <summary>Conjugate gradients run.</summary>
    Iterating = 3,

    /// <summary>The residual is recomputed.</summary>
    Certifying = 4,

    /// <summary>The variance's root and the scores are made, and the posterior is stored.</summary>
    Finishing = 5,

    /// <summary>It has ended; the task says how.</summary>
    Ended = 6,
}
