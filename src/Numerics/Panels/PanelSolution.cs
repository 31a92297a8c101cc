using System.Collections.Immutable;
using AdaptCluster.Numerics.Data;

namespace AdaptCluster.Numerics.Panels;

/// <summary>What predictions of a panel's targets need, in managed memory: what is stored. Immutable by contract.</summary>
public sealed record PanelSolution
{
    /// <summary>The shared inputs, [n, d], in the data's units.</summary>
    public required RowMatrix Inputs { get; init; }

    /// <summary>alpha of every target, [n c, T]; zero where it observed nothing.</summary>
    public required RowMatrix Alphas { get; init; }

    /// <summary>F, [n c, r]: K is close to F F^T.</summary>
    public required RowMatrix Factor { get; init; }

    /// <summary>Not below the largest eigenvalue of K - F F^T.</summary>
    public required double LargestResidual { get; init; }

    /// <summary>
    /// The log evidence of every target with log|P_t| in the place of log|C_t|: too large by at most half the trace of what F leaves of the kernel over
    /// the noise, one percent of an observation's worth for each observation. Standardised; length T.
    /// </summary>
    public required ImmutableArray<double> LogEvidences { get; init; }
}
