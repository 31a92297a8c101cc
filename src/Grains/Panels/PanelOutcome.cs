using System.Collections.Immutable;
using AdaptCluster.Grains.Interfaces.Panels;
using AdaptCluster.Numerics.Panels;

namespace AdaptCluster.Grains.Panels;

/// <summary>A block that was solved and stored.</summary>
/// <param name="Targets">Its targets as they were when it began, in the order of its columns.</param>
/// <param name="Failures">For each of them what went wrong, or null.</param>
/// <param name="Block">Where its solutions are.</param>
/// <param name="Summary">What it took.</param>
/// <param name="Result">What the mathematics gave.</param>
internal sealed record PanelOutcome(
    ImmutableArray<StoredPanelTarget> Targets,
    ImmutableArray<StoredPanelFailure?> Failures,
    StoredPanelBlock Block,
    PanelSolveSummary Summary,
    PanelResult Result)
{
    /// <summary>The posterior of a column that converged.</summary>
    public StoredPanelPosterior PosteriorOf(int column, int version) => new(
        Block.Number, column, Targets[column].Batch, version, Block.Prior.Version, Result.Solution.LogEvidences[column], Result.RelativeResiduals[column]);
}
