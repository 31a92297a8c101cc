namespace AdaptCluster.Numerics.FleetPriors;

/// <summary>How a fit ended. The best point that was seen is returned in every case.</summary>
public enum FitStatus
{
    /// <summary>No derivative exceeds the tolerance, or the evidence no longer changes within rounding.</summary>
    Converged,

    /// <summary>The iterations were used up. The prior is usable; raise <see cref="FleetFitOptions.MaxIterations"/> or the tolerance.</summary>
    IterationLimit,

    /// <summary>
    /// No step led to a better point although the gradient is above the tolerance. The prior is usable when the evidence rose above its
    /// initial value; otherwise use more tasks, a single scale, or a source network in Float64.
    /// </summary>
    LineSearchStalled,
}
