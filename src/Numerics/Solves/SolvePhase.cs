namespace AdaptCluster.Numerics.Solves;

/// <summary>What a solve is doing.</summary>
public enum SolvePhase
{
    /// <summary>Shards load, the preconditioner is made.</summary>
    Preparing = 0,

    /// <summary>Conjugate gradients run.</summary>
    Iterating = 1,

    /// <summary>The residual is recomputed.</summary>
    Certifying = 2,

    /// <summary>The variance's root and the scores are made.</summary>
    Finishing = 3,

    /// <summary>It has ended.</summary>
    Done = 4,
}
