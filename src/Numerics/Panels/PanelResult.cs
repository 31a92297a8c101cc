using System.Collections.Immutable;
using AdaptCluster.Numerics.Solves;

namespace AdaptCluster.Numerics.Panels;

/// <summary>What a panel's solve gave.</summary>
/// <param name="Statistics">Of the whole block: converged only if every target has.</param>
/// <param name="Converged">Per target: whether its column has. What has not is no posterior.</param>
/// <param name="RelativeResiduals">Per target: |b - A x| / |b|, recomputed.</param>
/// <param name="Solution">What predictions of the targets that converged need.</param>
public sealed record PanelResult(
    SolveStatistics Statistics, ImmutableArray<bool> Converged, ImmutableArray<double> RelativeResiduals, PanelSolution Solution);
